/**
 * A client of the server that {@code samples/run serve} starts, for services on Java 17 and later: the Open Inference Protocol over
 * HTTP, with tensors in binary. Nothing of it needs Tenon's other artifacts.
 */
package dev.tenon.client;
