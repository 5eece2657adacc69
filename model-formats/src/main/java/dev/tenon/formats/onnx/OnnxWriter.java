package dev.tenon.formats.onnx;

import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.ExternalDataPolicy.When;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelWriter;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.OnnxProtoWriter;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.writing.ExternalDataFile;
import dev.tenon.formats.onnx.writing.ExternalTensors;
import dev.tenon.formats.onnx.writing.GraphWriter;
import dev.tenon.formats.onnx.writing.StandardBlocks;
import dev.tenon.formats.onnx.writing.WriteTarget;
import dev.tenon.formats.protobuf.WireWriter;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes models as ONNX. An operator whose canonical form is newer than the operator set to write for is written in an
 * older form that means the same. It is refused by name if there is none. Weights are not copied before they are
 * written, but those in blocks of GGUF become other forms, which are all on the heap until the file is complete.
 */
public final class OnnxWriter implements ModelWriter {
    /** The oldest version of the main operator set that is written. */
    public static final int OLDEST = 7;

    /** The version that is written if the options name none and the model does not need a newer one. */
    public static final int COMMON = 24;

    /** The IR version of each operator set, from {@link #OLDEST} on. */
    private static final int[] IR_VERSIONS = {4, 4, 4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13, 13, 13};

    private static final long LARGEST_FILE = Integer.MAX_VALUE;

    private final long largestFile;

    /** The writer. */
    public OnnxWriter() {
        this(LARGEST_FILE);
    }

    /**
     * A writer of smaller files.
     *
     * @param largestFile the largest model file in bytes
     */
    OnnxWriter(long largestFile) {
        this.largestFile = largestFile;
    }

    @Override
    public String format() {
        return "ONNX";
    }

    /** The message of a model, and the tensors that go to a file of their own. */
    private record Encoded(WireWriter message, ExternalTensors external) {}

    @Override
    public void write(ModelFile model, Path path, WriteOptions options) {
        ExternalDataFile data = ExternalDataFile.beside(path);
        Encoded encoded = encode(model, options, data.location());
        if (encoded.external().isEmpty()) {
            encoded.message().writeTo(path);
        } else {
            data.write(encoded.external(), encoded.message()::writeTo);
        }
    }

    @Override
    public void write(ModelFile model, WritableByteChannel target, WriteOptions options) throws IOException {
        if (options.externalData().when() == When.ALWAYS) {
            throw new UnsupportedModelException(
                    thing(model),
                    "external data for a channel",
                    "external data for a file",
                    "write to a Path, or use ExternalDataPolicy.never()");
        }
        WriteOptions inline = options.withExternalData(ExternalDataPolicy.never());
        encode(model, inline, "").message().writeTo(target);
    }

    private static String thing(ModelFile model) {
        return "model '" + model.graph().name() + "'";
    }

    private Encoded encode(ModelFile given, WriteOptions options, String location) {
        ModelFile model = new ModelFile(StandardBlocks.of(given.graph()), given.metadata(), given.optionalInputs());
        ExternalDataPolicy policy = options.externalData();
        Encoded encoded = null;
        if (policy.when() != When.ALWAYS) {
            encoded = encode(model, options, ExternalTensors::none);
        }
        boolean tooLarge = encoded != null && encoded.message().size() > largestFile;
        if (encoded == null || tooLarge && policy.when() == When.NEEDED) {
            encoded = encode(model, options, () -> ExternalTensors.at(location, policy.minBytes()));
        }
        if (encoded.message().size() > largestFile) {
            throw new UnsupportedModelException(
                    thing(model),
                    encoded.message().size() + " bytes in one ONNX file",
                    "at most " + largestFile + ", the limit of protobuf",
                    policy.when() == When.NEVER
                            ? "write to a Path with ExternalDataPolicy.whenNeeded()"
                            : "write with an ExternalDataPolicy that leaves smaller tensors out");
        }
        return encoded;
    }

    /**
     * Encodes a model for the operator set in the options. Without one, for a common one or, if need be, the newest.
     */
    private static Encoded encode(ModelFile model, WriteOptions options, Supplier<ExternalTensors> external) {
        if (options.operatorSet().isEmpty()) {
            try {
                return encode(model, COMMON, options, external.get());
            } catch (UnsupportedModelException e) {
                return encode(model, StandardDomain.NEWEST, options, external.get());
            }
        }
        int version = options.operatorSet().getAsInt();
        if (version < OLDEST || version > StandardDomain.NEWEST) {
            throw new UnsupportedModelException(
                    thing(model),
                    "operator set " + version + " to write for",
                    OLDEST + " to " + StandardDomain.NEWEST,
                    null);
        }
        return encode(model, version, options, external.get());
    }

    private static Encoded encode(ModelFile model, int operatorSet, WriteOptions options, ExternalTensors external) {
        WriteTarget target =
                new WriteTarget(operatorSet, options.standardOperatorsOnly(), OnnxDomains.TABLES, external);
        return new Encoded(OnnxProtoWriter.encode(message(model, target)), external);
    }

    private static ModelProto message(ModelFile model, WriteTarget target) {
        ModelMetadata metadata = model.metadata();
        GraphWriter writer = new GraphWriter(target);
        GraphProto graph = writer.model(model.graph());
        List<OperatorSetId> imports =
                new ArrayList<>(List.of(new OperatorSetId(StandardDomain.NAME, target.operatorSet())));
        writer.domains().forEach((domain, since) -> {
            long imported = metadata.operatorSets().getOrDefault(domain, 1L);
            imports.add(new OperatorSetId(domain, Math.max(imported, since)));
        });
        List<StringEntry> properties = new ArrayList<>();
        metadata.properties().forEach((key, value) -> properties.add(new StringEntry(key, value)));
        return new ModelProto(
                IR_VERSIONS[target.operatorSet() - OLDEST],
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
