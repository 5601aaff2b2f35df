/** What a machine says that it is. */
export type MachineStatus = 'PoweredOn' | 'Brewing' | 'EcoMode' | 'StandBy' | 'Off'

/** What a machine shows of itself in the app: here, a small one with what every machine has. */
export const dashboardOf = (serial: string, name: string, status: MachineStatus, connected: boolean): object => ({
  serialNumber: serial,
  type: 'CoffeeMachine',
  name,
  location: null,
  modelCode: 'LINEAMICRA',
  modelName: 'LINEA MICRA',
  connected,
  connectionDate: 1_750_000_000_000,
  offlineMode: false,
  requireFirmwareUpdate: false,
  availableFirmwareUpdate: false,
  coffeeStation: null,
  imageUrl: '',
  bleAuthToken: null,
  widgets: [
    widget('CMMachineStatus', {
      status,
      availableModes: ['BrewingMode', 'StandBy'],
      mode: status === 'PoweredOn' || status === 'Brewing' ? 'BrewingMode' : 'StandBy',
      nextStatus: null,
      brewingStartTime: status === 'Brewing' ? 1_750_000_000_000 : null,
    }),
    widget('CMBackFlush', { lastCleaningStartTime: null, status: 'Off' }),
  ],
  invalidWidgets: [{ ...widget('CMNoWater', {}), output: null }],
  runningCommands: [],
})

const widget = (code: string, output: object): object => ({ code, index: 1, output, tutorialUrl: null })
