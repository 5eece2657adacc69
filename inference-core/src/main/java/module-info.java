/** Models, sessions and predictions: the module that an application requires. */
module dev.tenon.core {
    requires transitive dev.tenon.ops;
    requires transitive dev.tenon.graph;
    requires transitive dev.tenon.formats;
    requires static jdk.jfr;
    requires static transitive java.desktop;

    uses dev.tenon.formats.ModelReader;
    uses dev.tenon.formats.ModelWriter;

    exports dev.tenon;
    exports dev.tenon.embedding;
    exports dev.tenon.generation;
    exports dev.tenon.generation.model;
    exports dev.tenon.image;
    exports dev.tenon.serving;
    exports dev.tenon.serving.batch;
    exports dev.tenon.serving.bulk;
    exports dev.tenon.serving.drift;
    exports dev.tenon.serving.versions;
    exports dev.tenon.table;
}
