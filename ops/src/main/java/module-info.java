/** Tensors, operators with their reference semantics, and the kernels that run them. */
module dev.tenon.ops {
    // Optional at run time: without it the vector tier is absent.
    requires static jdk.incubator.vector;
}
