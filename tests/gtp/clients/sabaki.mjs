// Drives an engine with Sabaki's GTP client, as Sabaki does, and prints the results as one JSON object.
//
//     node sabaki.mjs PROGRAM ARGUMENT...
//
// The steps are those of Sabaki's enginesyncer.js: attach; synchronise positions (from the beginning, by further
// moves, by undo, and stone by stone); analyse until protocol_version interrupts; generate a move with analysis;
// detach, which waits for the process to end.

import { createRequire } from 'node:module'

const { Controller, ControllerStateTracker } = createRequire(import.meta.url)('@sabaki/gtp')

const [program, ...args] = process.argv.slice(2)
const controller = new Controller(program, args)
const tracker = new ControllerStateTracker(controller)
const result = { stderr: [] }

controller.on('stderr', ({ content }) => result.stderr.push(content))

const send = (name, ...args) => controller.sendCommand({ name, args })
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const play = (color, vertex) => ({ name: 'play', args: [color, vertex] })

async function analyze(name, ...args) {
  const lines = []
  const running = controller.sendCommand({ name, args }, ({ line }) => lines.push(line))
  while (lines.filter((line) => line.startsWith('info ')).length < 3) await pause(20)
  const interrupt = send('protocol_version')
  const response = await running
  return { lines, error: response.error, interrupt: (await interrupt).content }
}

controller.start()
const [name, version, protocol, commands] = await Promise.all(
  ['name', 'version', 'protocol_version', 'list_commands'].map((command) => send(command)),
)
result.name = name.content
result.version = version.content
result.protocol = protocol.content
result.commands = commands.content.split('\n')

const opening = [play('B', 'Q16'), play('W', 'D4'), play('B', 'Q4'), play('W', 'D16')]
await tracker.sync({ komi: 6.5, boardsize: [19, 19], history: opening })
result.analysis = await analyze('analyze', 'B', '10')
result.kata = await analyze('kata-analyze', 'B', '10', 'ownership', 'true')

// Further moves, then other ones: the client sends new moves, undoes some, or begins again.
await tracker.sync({ komi: 6.5, history: [...opening, play('B', 'C6'), play('W', 'F3')] })
await tracker.sync({ komi: 6.5, history: [...opening, play('B', 'R10')] })
result.afterUndo = (await send('showboard')).content

// Single stones, as Sabaki sends a position that was set up.
const stones = ['A1', 'B1', 'C1', 'C2', 'D4'].map((vertex) => play('B', vertex))
await tracker.sync({ komi: 0.5, history: [...stones, play('W', 'E5'), play('W', 'F5'), play('B', 'pass')] })
result.arranged = (await send('showboard')).content

await tracker.sync({ komi: 7.5, history: [{ name: 'set_free_handicap', args: ['D4', 'Q16', 'Q4'] }] })
const lines = []
await controller.sendCommand({ name: 'genmove_analyze', args: ['W', '50'] }, ({ line }) => lines.push(line))
result.genmove = lines
await pause(50) // the tracker reads the move out of the lines
result.history = tracker.state.history

const refused = await send('boardsize', '3')
result.refused = { error: refused.error, content: refused.content }

// If the process did not end, this would wait for ever; the test's time limit applies.
const stopped = new Promise((resolve) => controller.once('stopped', resolve))
const quit = await send('quit')
result.quit = { error: quit.error, content: quit.content }
result.exit = (await stopped).signal
console.log(JSON.stringify(result))
