// Drives an engine as Sabaki does, by Sabaki's own GTP client, and prints what came of it as one JSON object.
//
//     node sabaki.mjs PROGRAM ARGUMENT...
//
// The steps are those of Sabaki's enginesyncer.js: what it asks on attaching, positions that are synchronised
// (from the beginning, by a few moves more, by taking some back, and stone by stone without order), analysis that
// runs until it is interrupted by protocol_version, a move with analysis, and detaching, which waits for the
// process to end.

import { createRequire } from 'node:module'

const { Controller, ControllerStateTracker } = createRequire(import.meta.url)('@sabaki/gtp')

const [program, ...args] = process.argv.slice(2)
const controller = new Controller(program, args)
const tracker = new ControllerStateTracker(controller)
const found = { stderr: [] }

controller.on('stderr', ({ content }) => found.stderr.push(content))

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
found.name = name.content
found.version = version.content
found.protocol = protocol.content
found.commands = commands.content.split('\n')

const opening = [play('B', 'Q16'), play('W', 'D4'), play('B', 'Q4'), play('W', 'D16')]
await tracker.sync({ komi: 6.5, boardsize: [19, 19], history: opening })
found.analysis = await analyze('analyze', 'B', '10')
found.kata = await analyze('kata-analyze', 'B', '10', 'ownership', 'true')

// Some moves more, then back: the client sends what is new, or takes back, or begins again.
await tracker.sync({ komi: 6.5, history: [...opening, play('B', 'C6'), play('W', 'F3')] })
await tracker.sync({ komi: 6.5, history: [...opening, play('B', 'R10')] })
found.afterUndo = (await send('showboard')).content

// Stones without order, as Sabaki sends a position that no moves lead to.
const stones = ['A1', 'B1', 'C1', 'C2', 'D4'].map((vertex) => play('B', vertex))
await tracker.sync({ komi: 0.5, history: [...stones, play('W', 'E5'), play('W', 'F5'), play('B', 'pass')] })
found.arranged = (await send('showboard')).content

await tracker.sync({ komi: 7.5, history: [{ name: 'set_free_handicap', args: ['D4', 'Q16', 'Q4'] }] })
const lines = []
await controller.sendCommand({ name: 'genmove_analyze', args: ['W', '50'] }, ({ line }) => lines.push(line))
found.genmove = lines
await pause(50) // the tracker reads the move out of the lines
found.history = tracker.state.history

const refused = await send('boardsize', '3')
found.refused = { error: refused.error, content: refused.content }

// A process that did not end would be waited for without limit here.
const stopped = new Promise((resolve) => controller.once('stopped', resolve))
const quit = await send('quit')
found.quit = { error: quit.error, content: quit.content }
found.exit = (await stopped).signal
console.log(JSON.stringify(found))
