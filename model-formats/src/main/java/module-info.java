/** Readers and writers of model files: file to typed graph and back. */
// The modules that some packages are exported to are built after this one.
@SuppressWarnings("module")
module dev.tenon.formats {
    requires transitive dev.tenon.graph;
    requires tools.jackson.core;

    exports dev.tenon.formats;
    exports dev.tenon.formats.json to
            dev.tenon.core,
            dev.tenon.compression;
    exports dev.tenon.formats.npy;
    exports dev.tenon.formats.onnx;
    exports dev.tenon.formats.table;
    exports dev.tenon.text;
    exports dev.tenon.text.file to
            dev.tenon.core;

    provides dev.tenon.formats.ModelReader with
            dev.tenon.formats.onnx.OnnxReader,
            dev.tenon.formats.tenon.TenonReader,
            dev.tenon.formats.xgboost.XgboostReader,
            dev.tenon.formats.lightgbm.LightgbmReader,
            dev.tenon.formats.catboost.CatboostReader,
            dev.tenon.formats.decoder.GgufModels,
            dev.tenon.formats.decoder.FolderModels;
    provides dev.tenon.formats.ModelWriter with
            dev.tenon.formats.onnx.OnnxWriter,
            dev.tenon.formats.tenon.TenonWriter;
}
