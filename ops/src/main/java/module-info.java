/** Tensors, operators with their reference semantics, and the kernels that run them. */
// The modules that the kernels are exported to are built after this one.
@SuppressWarnings("module")
module dev.tenon.ops {
    // Optional at run time: without it the vector tier is absent.
    requires static jdk.incubator.vector;
    // Optional at run time: without it images can't be decoded.
    requires static java.desktop;

    exports dev.tenon.op.math;
    exports dev.tenon.op.nn;
    exports dev.tenon.op.quant;
    exports dev.tenon.op.attention;
    exports dev.tenon.op.contrib;
    exports dev.tenon.op.cost;
    exports dev.tenon.op.loss;
    exports dev.tenon.op.random;
    exports dev.tenon.op.recurrent;
    exports dev.tenon.op.signal;
    exports dev.tenon.op.reduce;
    exports dev.tenon.op.sequence;
    exports dev.tenon.op.shape;
    exports dev.tenon.op.tabular;
    exports dev.tenon.op.text;
    exports dev.tenon.op.vision;
    exports dev.tenon.op;
    exports dev.tenon.tensor;
    exports dev.tenon.error;
    exports dev.tenon.budget to
            dev.tenon.graph,
            dev.tenon.formats,
            dev.tenon.core,
            dev.tenon.compression;
    exports dev.tenon.options to
            dev.tenon.formats,
            dev.tenon.core,
            dev.tenon.compression;
    exports dev.tenon.op.catalog to
            dev.tenon.graph;
    exports dev.tenon.op.geometry to
            dev.tenon.graph,
            dev.tenon.core,
            dev.tenon.compression;
    exports dev.tenon.op.fused to
            dev.tenon.graph,
            dev.tenon.formats,
            dev.tenon.core,
            dev.tenon.compression;
    exports dev.tenon.op.gradient to
            dev.tenon.graph,
            dev.tenon.formats,
            dev.tenon.core,
            dev.tenon.compression;
    exports dev.tenon.op.text.regex to
            dev.tenon.formats;
    exports dev.tenon.op.tabular.model to
            dev.tenon.formats;
    exports dev.tenon.kernel to
            dev.tenon.graph,
            dev.tenon.core,
            dev.tenon.compression;
    exports dev.tenon.kernel.table to
            dev.tenon.graph,
            dev.tenon.core,
            dev.tenon.compression;
    exports dev.tenon.nativecode to
            dev.tenon.core;
}
