package dev.tenon.formats.onnx;

import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.graph.Graph;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads ONNX models of every opset into canonical operators. Weights stay where they lie in the file. */
public final class OnnxReader implements ModelReader {
    /** The number of the highest field of ModelProto, which a file may begin with. */
    private static final int HIGHEST_FIELD = 26;

    private static final int WIRE_TYPE_BITS = 3;

    /** The reader. */
    public OnnxReader() {}

    @Override
    public String format() {
        return "ONNX";
    }

    /** ONNX has no signature: a file begins with the tag of a field of ModelProto. */
    @Override
    public boolean accepts(MemorySegment head) {
        if (head.byteSize() == 0) {
            return false;
        }
        int tag = head.get(ValueLayout.JAVA_BYTE, 0) & 0xFF;
        int field = tag >> WIRE_TYPE_BITS;
        int wireType = tag & ((1 << WIRE_TYPE_BITS) - 1);
        return field >= 1 && field <= HIGHEST_FIELD && (wireType == 0 || wireType == 2);
    }

    @Override
    public ModelFile read(ModelSource source) {
        ModelProto model = OnnxProtoReader.readModel(source.bytes(), source.limits());
        Graph graph = source.bytes().read(segment -> new ModelLowering(model, source).graph());
        Map<String, Long> operatorSets = new LinkedHashMap<>();
        for (OperatorSetId id : model.opsetImports()) {
            operatorSets.put(id.domain(), id.version());
        }
        Map<String, String> properties = new LinkedHashMap<>();
        for (StringEntry e : model.metadata()) {
            properties.put(e.key(), e.value());
        }
        return new ModelFile(
                graph,
                new ModelMetadata(
                        model.producerName(),
                        model.producerVersion(),
                        model.domain(),
                        model.modelVersion(),
                        model.docString(),
                        operatorSets,
                        properties));
    }
}
