/**
 * Networks of real shapes with random weights, which the benchmarks write as ONNX files: transformers and convolutional networks that
 * no registry of packages holds. They have the operators that exporters of PyTorch write.
 *
 * <p>Read {@code Layers} first: it has a method for each layer. Each network is a record of its sizes with one constant, the
 * sizes of the real one. {@code GeneratedNetworks} lists them and writes their files. Tests make the same networks with small
 * sizes, and compare them with ONNX Runtime.
 *
 * <p>Must not live here: a writer of ONNX. Graphs are built by {@link dev.tenon.graph.GraphBuilder} and saved by {@link
 * dev.tenon.Model}.
 *
 * <p>To add a network: a record that implements {@code Network}, a constant of {@code GeneratedNetworks}, an entry in the list of
 * {@code ModelArguments}, and a row in {@code GeneratedNetworksTest}.
 */
package dev.tenon.benchmarks.networks;
