// A policy thread that takes every order and answers none.
import { workerData, type MessagePort } from 'node:worker_threads'

const { port } = workerData as { readonly port: MessagePort }
port.on('message', () => {
  for (;;);
})
