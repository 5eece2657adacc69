/** Makes trained models smaller and faster, and writes them as ONNX. */
module dev.tenon.compression {
    requires transitive dev.tenon.core;
    requires ejml.core;
    requires ejml.ddense;
    requires java.management;

    exports dev.tenon.compression.calibrate;
    exports dev.tenon.compression.compare;
    exports dev.tenon.compression.data;
    exports dev.tenon.compression.distill;
    exports dev.tenon.compression.factorize;
    exports dev.tenon.compression.floats;
    exports dev.tenon.compression.metric;
    exports dev.tenon.compression.prune;
    exports dev.tenon.compression.quantize.weights;
    exports dev.tenon.compression.quantize;
    exports dev.tenon.compression.recipe;
    exports dev.tenon.compression.search;
    exports dev.tenon.compression.trees;
    exports dev.tenon.compression;
}
