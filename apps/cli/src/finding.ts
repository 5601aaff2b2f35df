/** One thing that `doctor` looked at. */
export type Finding = {
  readonly about: string
  readonly ok: boolean
  /** It cannot be asked, only proved. */
  readonly unknown?: true
  readonly message: string
  readonly fix?: string
}
