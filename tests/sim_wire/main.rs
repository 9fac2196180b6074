//! The simulator as a stranger meets it: plain HTTP and websocket, nothing of our own client.

mod charts;
mod clock;
mod facts;
mod gateway;
mod harness;
mod master;
mod overtime;
mod prints;
mod services;
mod sockets;
mod venues;
