//! The simulator as a stranger meets it: plain HTTP and websocket, nothing of our own client.

mod charts;
mod gateway;
mod harness;
mod prints;
mod sockets;
