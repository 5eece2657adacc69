/** Tests of generated networks: the same networks with small sizes, beside ONNX Runtime. */
package dev.tenon.benchmarks.networks;
