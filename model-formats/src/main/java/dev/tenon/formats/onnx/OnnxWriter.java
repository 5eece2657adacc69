package dev.tenon.formats.onnx;

import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelWriter;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.OnnxProtoWriter;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.protobuf.WireWriter;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes graphs as ONNX models. An operator whose canonical form is newer than the version asked for is written in its
 * older form where that says the same, and refused by name where not. Weights go to the channel from where they lie.
 */
public final class OnnxWriter implements ModelWriter {
    /** The oldest version of the main operator set that is written. */
    public static final int OLDEST = 7;

    /** What is written if no version is asked for, where it holds the model: runtimes that are in use read it. */
    public static final int COMMON = 24;

    /** The IR version that came with each operator set version from {@link #OLDEST} on. */
    private static final int[] IR_VERSIONS = {4, 4, 4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13, 13, 13};

    private static final long LARGEST_MESSAGE = Integer.MAX_VALUE;

    /** The writer. */
    public OnnxWriter() {}

    @Override
    public String format() {
        return "ONNX";
    }

    @Override
    public void write(ModelFile model, WritableByteChannel target, int version) throws IOException {
        String thing = "model '" + model.graph().name() + "'";
        if (version != 0 && (version < OLDEST || version > StandardDomain.NEWEST)) {
            throw new UnsupportedModelException(
                    thing, "operator set " + version + " to write for", OLDEST + " to " + StandardDomain.NEWEST, null);
        }
        ModelProto proto = version == 0 ? common(model) : message(model, version);
        WireWriter message = OnnxProtoWriter.encode(proto);
        if (message.size() > LARGEST_MESSAGE) {
            throw new UnsupportedModelException(
                    thing,
                    message.size() + " bytes in one ONNX file",
                    "at most " + LARGEST_MESSAGE + ", the limit of protobuf",
                    "quantise the weights, or write the model in parts");
        }
        message.writeTo(target);
    }

    /** The model for an operator set that other runtimes read, or for the newest one if that does not hold it. */
    private static ModelProto common(ModelFile model) {
        try {
            return message(model, COMMON);
        } catch (UnsupportedModelException e) {
            return message(model, StandardDomain.NEWEST);
        }
    }

    private static ModelProto message(ModelFile model, int operatorSet) {
        ModelMetadata metadata = model.metadata();
        GraphWriter writer = new GraphWriter(operatorSet, OnnxDomains.TABLES);
        GraphProto graph = writer.model(model.graph());
        List<OperatorSetId> imports = new ArrayList<>(List.of(new OperatorSetId("", operatorSet)));
        writer.domains().forEach((domain, since) -> {
            long imported = metadata.operatorSets().getOrDefault(domain, 1L);
            imports.add(new OperatorSetId(domain, Math.max(imported, since)));
        });
        List<StringEntry> properties = new ArrayList<>();
        metadata.properties().forEach((key, value) -> properties.add(new StringEntry(key, value)));
        return new ModelProto(
                IR_VERSIONS[operatorSet - OLDEST],
                imports,
                metadata.producer(),
                metadata.producerVersion(),
                metadata.domain(),
                metadata.version(),
                metadata.description(),
                graph,
                properties,
                List.of());
    }
}
