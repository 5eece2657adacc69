package dev.tenon.formats.onnx;

import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.OptionalInputs;
import dev.tenon.formats.onnx.data.OnnxTypes;
import dev.tenon.formats.onnx.lowering.ModelLowering;
import dev.tenon.formats.onnx.proto.FunctionProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import dev.tenon.graph.Graph;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads ONNX models of every operator set into canonical operators. Weights are views of the file. */
public final class OnnxReader implements ModelReader {
    /** The tags of the fields of ModelProto. */
    private static final Set<Integer> TAGS =
            Set.of(0x08, 0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72, 20 << 3 | 2, 25 << 3 | 2, 26 << 3 | 2);

    private static final int OPTIONAL_INPUTS_SINCE = 4;

    /** The reader. */
    public OnnxReader() {}

    @Override
    public String format() {
        return "ONNX";
    }

    /** Looks for the tag of a field of ModelProto. ONNX files have no signature. */
    @Override
    public boolean accepts(MemorySegment head) {
        if (head.byteSize() < 2) {
            return false;
        }
        ByteBuffer first = head.asSlice(0, 2).asByteBuffer();
        int tag = first.get(0) & 0xFF;
        if (tag >= 0x80) {
            tag = tag & 0x7F | (first.get(1) & 0xFF) << 7;
        }
        return TAGS.contains(tag);
    }

    @Override
    public ModelFile read(ModelSource source) {
        ModelProto model = OnnxProtoReader.readModel(source.bytes(), source.limits());
        Graph graph =
                source.bytes().read(segment -> new ModelLowering(model, source, OnnxDomains.TABLES).graph(Set.of()));
        Map<String, Long> operatorSets = new LinkedHashMap<>();
        for (OperatorSetId id : model.opsetImports()) {
            operatorSets.merge(ModelLowering.domain(id.domain()), id.version(), Math::max);
        }
        // The bodies of functions become a part of the graph. Writing it needs the domains that they import.
        for (FunctionProto function : model.functions()) {
            for (OperatorSetId id : function.opsetImports()) {
                if (!ModelLowering.domain(id.domain()).isEmpty()) {
                    operatorSets.merge(id.domain(), id.version(), Math::max);
                }
            }
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
                        properties),
                optionalInputs(model, source));
    }

    /** Initializers that are inputs too. Before version 4 of the format all of them were, and none is optional. */
    private static OptionalInputs optionalInputs(ModelProto model, ModelSource source) {
        Set<String> initializers = new HashSet<>();
        for (TensorProto t : model.graph().initializers()) {
            initializers.add(t.name());
        }
        for (SparseTensorProto t : model.graph().sparseInitializers()) {
            initializers.add(t.values().name());
        }
        Map<String, ValueType> types = new LinkedHashMap<>();
        for (ValueInfoProto input : model.graph().inputs()) {
            if (model.irVersion() >= OPTIONAL_INPUTS_SINCE
                    && initializers.contains(input.name())
                    && input.type().isPresent()) {
                types.put(input.name(), OnnxTypes.toType(input.type().get(), "input '" + input.name() + "'"));
            }
        }
        return types.isEmpty()
                ? OptionalInputs.NONE
                : new OptionalInputs(types, names -> {
                    ModelProto again = OnnxProtoReader.readModel(source.bytes(), source.limits());
                    return source.bytes()
                            .read(segment -> new ModelLowering(again, source, OnnxDomains.TABLES).graph(names));
                });
    }
}
