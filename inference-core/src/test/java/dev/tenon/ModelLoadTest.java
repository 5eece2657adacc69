package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.StreamSource;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLoadTest {
    private static final byte[] FILE = SmallModels.doubleFile();

    @TempDir
    private Path folder;

    private static void checkDoubles(Model model) {
        Outputs out = model.predict(Map.of("x", Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4)));
        assertThat(out.tensor("y").toFloatArray()).containsExactly(2, 4, 6, 8, 10, 12, 14, 16);
        assertThat(out.tensor("count").getLong(0)).isEqualTo(2);
    }

    private Path file() throws IOException {
        return Files.write(folder.resolve("double.onnx"), FILE);
    }

    @Test
    void fromAPath() throws IOException {
        checkDoubles(Model.load(file()));
        checkDoubles(Model.load(file(), LoadOptions.standard().copied()));
    }

    @Test
    void fromAStreamWhichStaysOpen() throws IOException {
        boolean[] closed = {false};
        InputStream stream = new FilterInputStream(new ByteArrayInputStream(FILE)) {
            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                return super.read(b, off, Math.min(len, 7));
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        };
        checkDoubles(Model.load(stream));
        assertThat(closed[0]).isFalse();
        assertThat(stream.read()).isEqualTo(-1);
    }

    @Test
    void fromASourceWhoseStreamIsClosed() {
        int[] closed = {0};
        StreamSource source = () -> new ByteArrayInputStream(FILE) {
            @Override
            public void close() {
                closed[0]++;
            }
        };
        Model model = Model.load("double.onnx", source);
        checkDoubles(model);
        assertThat(model.name()).isEqualTo("double.onnx");
        assertThat(closed[0]).isEqualTo(1);
        LoadOptions small =
                LoadOptions.standard().limits(LoadOptions.standard().limits().maxModelBytes(FILE.length - 1));
        assertThat(Typed.failure(() -> Model.load("double.onnx", source, small)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("double.onnx")
                .hasMessageContaining("Limits.maxModelBytes");
        assertThat(closed[0]).isEqualTo(2);
    }

    @Test
    void fromASourceWithoutAStream() {
        assertThat(Typed.failure(() -> Model.load("no.onnx", () -> Model.class.getResourceAsStream("/no.onnx"))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("no.onnx")
                .hasMessageContaining("class path");
        assertThat(Typed.failure(() -> Model.load("no.onnx", () -> {
                    throw new IOException("the store is away");
                })))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("the store is away");
        assertThat(Typed.failure(() -> Model.load("no.onnx", () -> {
                    throw new UncheckedIOException(new IOException("the store is away"));
                })))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("the store is away");
    }

    @Test
    void externalDataOfASourceIsRefusedWithACure() {
        byte[] bytes = external("weights.bin").bytes();
        assertThat(Typed.failure(() -> Model.load("external.onnx", () -> new ByteArrayInputStream(bytes))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("external data 'weights.bin'")
                .hasMessageContaining("LoadOptions.externalData");
    }

    @Test
    void fromAStreamThatBreaks() {
        InputStream stream = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the line is dead");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return read();
            }
        };
        assertThat(Typed.failure(() -> Model.load(stream)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("model from a stream")
                .hasMessageContaining("the line is dead");
    }

    @Test
    void fromABufferBetweenPositionAndLimit() {
        for (ByteBuffer buffer : List.of(
                ByteBuffer.allocate(FILE.length + 30),
                ByteBuffer.allocateDirect(FILE.length + 30),
                ByteBuffer.allocate(FILE.length + 40).slice(10, FILE.length + 30))) {
            buffer.position(11).put(FILE).limit(11 + FILE.length).position(11);
            checkDoubles(Model.load(buffer));
            checkDoubles(Model.load(buffer.asReadOnlyBuffer()));
            assertThat(buffer.position()).isEqualTo(11);
            assertThat(buffer.limit()).isEqualTo(11 + FILE.length);
        }
    }

    @Test
    void aBufferIsCopied() {
        byte[] bytes = FILE.clone();
        Model model = Model.load(ByteBuffer.wrap(bytes));
        java.util.Arrays.fill(bytes, (byte) 0);
        checkDoubles(model);
    }

    @Test
    void aCopyDoesNotCareForTheFile() throws IOException {
        Path file = file();
        Model model = Model.load(file, LoadOptions.standard().copied());
        Files.write(file, new byte[FILE.length]);
        checkDoubles(model);
        Files.delete(file);
        checkDoubles(Model.load(ByteBuffer.wrap(FILE)));
        checkDoubles(model);
    }

    @Test
    void aCopyTakesExternalDataAlong() throws IOException {
        Files.write(folder.resolve("weights.bin"), new byte[] {0, 0, 0, 64, 0, 0, 0, 64});
        byte[] bytes = external("weights.bin").bytes();
        Path file = Files.write(folder.resolve("external.onnx"), bytes);
        Model model = Model.load(file, LoadOptions.standard().copied());
        Model mapped = Model.load(file);
        Files.write(folder.resolve("weights.bin"), new byte[] {0, 0, 0, 65, 0, 0, 0, 65});
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {1, 3}));
        assertThat(model.predict(inputs).tensor().toFloatArray()).containsExactly(2, 6);
        assertThat(mapped.predict(inputs).tensor().size()).isEqualTo(2);
    }

    static OnnxFile external(String location) {
        TensorProto w = TensorProto.ofExternal(
                "w", 1, List.of(2L), List.of(new StringEntry("location", location), new StringEntry("length", "8")));
        return OnnxFile.graph("external")
                .input("x", "f32[2]")
                .initializer(w)
                .node("Mul", List.of("x", "w"), List.of("y"))
                .output("y", "f32[2]");
    }

    @Test
    void externalDataOfAStreamComesFromTheResolver() {
        byte[] bytes = external("anywhere").bytes();
        LoadOptions options = LoadOptions.standard()
                .externalData(location -> location.equals("anywhere")
                        ? MemorySegment.ofArray(new byte[] {0, 0, 0, 64, 0, 0, 0, 64})
                        : null);
        Model model = Model.load(new ByteArrayInputStream(bytes), options);
        assertThat(model.predict(Map.of("x", Tensor.of(new float[] {1, 3})))
                        .tensor()
                        .toFloatArray())
                .containsExactly(2, 6);
        assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(bytes))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("anywhere");
    }

    @Test
    void metadataInputsAndOutputs() throws IOException {
        Model model = Model.load(file());
        assertThat(model.metadata())
                .isEqualTo(new ModelMetadata(
                        "a tool",
                        "1.2",
                        "test.example",
                        7,
                        "a model for tests",
                        Map.of("", 21L),
                        Map.of("license", "none", "author", "someone")));
        assertThat(model.inputs()).containsExactly(new ValueInfo("x", ValueType.parse("f32[batch,4]")));
        assertThat(model.outputs())
                .containsExactly(
                        new ValueInfo("y", ValueType.parse("f32[batch,4]")),
                        new ValueInfo("count", ValueType.parse("i64[]")));
        assertThat(model.inputs().getFirst()).hasToString("x: f32[batch,4]");
        assertThat(model.graph().nodes()).isNotEmpty();
    }

    @Test
    void loadOptionsAreValues() {
        LoadOptions standard = LoadOptions.standard();
        assertThat(standard.copied().isCopied()).isTrue();
        assertThat(standard.isCopied()).isFalse();
        assertThat(standard.externalData()).isEmpty();
        assertThat(standard.limits(standard.limits().maxNodes(3)).limits().maxNodes())
                .isEqualTo(3);
        assertThat(standard.operators(Twice.LIBRARY).operators()).isNotNull();
    }

    @Test
    void limitsHold() {
        LoadOptions few =
                LoadOptions.standard().limits(LoadOptions.standard().limits().maxNodes(2));
        assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(FILE), few))).hasMessageContaining("2");
    }

    /** An operator of a caller. */
    record Twice() implements Op {
        static final OpSchema SCHEMA = OpSchema.of("test.example", "Twice")
                .input("x", "T")
                .output("y", "T")
                .where("T", Types.FLOAT32);
        static final OpLibrary LIBRARY =
                OpLibrary.empty().with(new OpDefinition<>(SCHEMA, Twice.class, a -> new Twice()));

        @Override
        public OpSchema schema() {
            return SCHEMA;
        }

        @Override
        public List<ValueType> infer(InferContext c) {
            return List.of(c.type(0));
        }

        @Override
        public List<Datum> reference(Operands in) {
            Tensor y = in.tensor(0).copy();
            for (long i = 0; i < y.size(); i++) {
                y.setDouble(i, 2 * y.getDouble(i));
            }
            return List.of(y);
        }
    }

    @Test
    void operatorsOfTheCaller() {
        byte[] bytes = OnnxFile.graph("own")
                .input("x", "f32[n]")
                .node("test.example", "Twice", List.of("x"), List.of("y"))
                .output("y", "f32[n]")
                .bytes();
        assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(bytes)))).hasMessageContaining("Twice");
        Model model = Model.load(ByteBuffer.wrap(bytes), LoadOptions.standard().operators(Twice.LIBRARY));
        assertThat(model.predict(Map.of("x", Tensor.of(new float[] {1, 3})))
                        .tensor()
                        .toFloatArray())
                .containsExactly(2, 6);
    }
}
