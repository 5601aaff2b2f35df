/** A home of so many services, with an edge from each to the next and a route to each. */
export const generatedHome = (count: number): string => {
  const services = Array.from({ length: count }, (_, index) => {
    const next = `s${(index + 1) % count}`
    const needs = count > 1 ? `, needs: [${next}], env: { NEXT: { service: ${next} } }` : ''
    return `  s${index}: { image: "registry.test/s${index}:1", port: 8080${needs}, routes: [{ who: home, paths: [/s${index}] }] }`
  })
  return `version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices:\n${services.join('\n')}\n`
}

/** A home of so many services whose pods are asleep: what is measured is the cluster's work and ours, not an image's. */
export const sleepingHome = (name: string, context: string, count: number): string => {
  const services = Array.from(
    { length: count },
    (_, index) =>
      `  s${index}: { image: "registry.test/s${index}:1", port: 8080, replicas: 0, files: { /etc/s: "${index}" } }`,
  )
  return `version: 1\nhome: { name: ${name}, timezone: UTC, domain: casa.test }\ncluster: { context: ${context} }\nservices:\n${services.join('\n')}\n`
}
