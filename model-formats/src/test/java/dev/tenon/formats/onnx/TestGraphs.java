package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.util.List;

/** Runs graphs in tests and checks their results. */
public final class TestGraphs {
    private TestGraphs() {}

    public static Tensor run(Graph graph, Tensor... inputs) {
        GraphVerifier.verify(graph);
        List<Datum> results = Interpreter.run(graph, List.of(inputs));
        return (Tensor) results.getFirst();
    }

    public static void equal(Tensor actual, Tensor expected) {
        assertThat(actual.type()).isEqualTo(expected.type());
        assertThat(actual.contentEquals(expected))
                .as(actual + " for " + expected)
                .isTrue();
    }

    public static List<String> names(List<Value> values) {
        return values.stream().map(Value::name).toList();
    }

    /** Writes a model for an operator set, or for one that the writer chooses if it is 0. */
    public static byte[] write(ModelFile model, int version) {
        WriteOptions options = WriteOptions.standard();
        return write(model, version == 0 ? options : options.withOperatorSet(version));
    }

    /** Writes a model. */
    public static byte[] write(ModelFile model, WriteOptions options) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new OnnxWriter().write(model, Channels.newChannel(out), options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Writes a graph for an operator set, or for one that the writer chooses if it is 0. */
    public static byte[] write(Graph graph, int version) {
        return write(new ModelFile(graph, ModelMetadata.EMPTY), version);
    }

    /** The message in the bytes of a model. */
    public static ModelProto parsed(byte[] bytes) {
        return OnnxProtoReader.readModel(
                ModelBytes.of("written.onnx", MemorySegment.ofArray(bytes).asReadOnly()), Limits.standard());
    }

    /** A graph of any operators. */
    public static Graph parse(String text) {
        return GraphText.parse(text, OnnxModelBuilder.OPERATORS);
    }

    /** A graph after it was written and read again. */
    public static Graph again(Graph graph, int version) {
        return OnnxModelBuilder.read(write(graph, version), ExternalData.none(), Limits.standard())
                .graph();
    }

    /** The operators of the nodes of a graph that was written. */
    public static List<String> written(Graph graph, int version) {
        return parsed(write(graph, version)).graph().nodes().stream()
                .map(n -> n.domain().isEmpty() ? n.opType() : n.domain() + "." + n.opType())
                .toList();
    }

    /** Some floats, the same at every call. */
    public static Tensor floats(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, (i * 5 % 13 - 6) / 4.0);
        }
        return t;
    }
}
