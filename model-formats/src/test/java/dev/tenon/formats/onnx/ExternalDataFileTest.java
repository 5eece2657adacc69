package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose large tensors are written to a file beside them. */
class ExternalDataFileTest {
    private static final WriteOptions ALWAYS = WriteOptions.standard().withExternalData(ExternalDataPolicy.always());

    @TempDir
    private Path folder;

    private static Tensor random(DType type, int seed, long... dims) {
        Tensor tensor = Tensor.allocate(type, dims);
        Random random = new Random(seed);
        for (long i = 0; i < tensor.size(); i++) {
            tensor.setDouble(i, random.nextInt(100));
        }
        return tensor;
    }

    /** Tensors of many sizes, one of them twice, in bodies too. */
    private static Graph graph(int seed) {
        Tensor medium = random(DType.FLOAT32, seed, 256, 2);
        Tensor large = random(DType.FLOAT64, seed + 1, 20_000, 1);
        Tensor bytes = random(DType.UINT8, seed + 2, 3, 1025);
        Tensor small = random(DType.FLOAT32, seed + 3, 2);
        Tensor inBody = random(DType.FLOAT32, seed + 4, 300, 1);
        Map<String, Tensor> constants =
                Map.of("medium", medium, "large", large, "bytes", bytes, "small", small, "b", inBody);
        return GraphText.parse("""
            graph main(%c: bool[]) {
              %m = const f32[256,2] @medium
              %again = const f32[256,2] @medium
              %s = const f32[2] @small
              %l = const f64[20000,1] @large
              %u = const u8[3,1025] @bytes
              %t = const string[2] {"a", "b"}
              %x = Add(%m, %s)
              %y = Sub(%x, %again)
              %z = Neg(%l)
              %v = BitwiseNot(%u)
              %w = Identity(%t)
              %i = If<else_branch=graph e() {
                %b = const f32[300,1] @b
                return %b
              }, then_branch=graph t() {
                %d = const f32[300,1] @b
                %n = Neg(%d)
                return %n
              }>(%c)
              return %y, %z, %v, %w, %i
            }
            """, OnnxModelBuilder.OPERATORS, constants::get);
    }

    private static ModelFile model(Graph graph) {
        return new ModelFile(graph, ModelMetadata.EMPTY);
    }

    private static ModelFile read(Path path) {
        return new OnnxReader()
                .read(new ModelSource(
                        ModelBytes.map(path, Limits.standard()),
                        ExternalData.inFolder(path.getParent()),
                        OnnxModelBuilder.OPERATORS,
                        Limits.standard()));
    }

    private static GraphProto proto(Path path) {
        return OnnxProtoReader.readModel(ModelBytes.map(path, Limits.standard()), Limits.standard())
                .graph();
    }

    private static Map<String, String> place(TensorProto tensor) {
        return tensor.externalData().stream().collect(Collectors.toMap(StringEntry::key, StringEntry::value));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private static void same(Graph read, Graph written) {
        assertThat(GraphComparison.difference(written, read)).isNull();
    }

    @Test
    void largeTensorsAreWrittenBesideTheModel() throws IOException {
        Path path = folder.resolve("m.onnx");
        Graph graph = graph(1);
        new OnnxWriter().write(model(graph), path, ALWAYS);
        assertThat(files()).containsExactly("m.onnx", "m.onnx.data");
        assertThat(Files.size(path)).isLessThan(4000);
        same(read(path).graph(), graph);
        Map<String, TensorProto> tensors =
                proto(path).initializers().stream().collect(Collectors.toMap(TensorProto::name, t -> t));
        assertThat(tensors.get("s").external()).isFalse();
        assertThat(tensors.get("t").external()).isFalse();
        for (String name : List.of("m", "again", "l", "u")) {
            TensorProto tensor = tensors.get(name);
            assertThat(tensor.external()).as(name).isTrue();
            assertThat(tensor.rawData()).isEmpty();
            Map<String, String> place = place(tensor);
            assertThat(place).containsOnlyKeys("location", "offset", "length");
            assertThat(place.get("location")).isEqualTo("m.onnx.data");
            long length = Long.parseLong(place.get("length"));
            assertThat(Long.parseLong(place.get("offset")) % (length >= 65_536 ? 65_536 : 4096))
                    .as("alignment of %s", name)
                    .isZero();
        }
        assertThat(place(tensors.get("again"))).as("one tensor is written once").isEqualTo(place(tensors.get("m")));
        assertThat(Files.size(folder.resolve("m.onnx.data"))).isLessThan(20_000 * 8 + 65_536 + 5 * 4096);
    }

    @Test
    void constantsOfBodiesAreWrittenBesideTheModelToo() {
        Path path = folder.resolve("m.onnx");
        new OnnxWriter().write(model(graph(2)), path, ALWAYS);
        int external = 0;
        for (NodeProto node : proto(path).nodes()) {
            for (AttributeProto a : node.attributes()) {
                if (a.value() instanceof AttributeValue.GraphValue body) {
                    external += (int) body.graph().initializers().stream()
                            .filter(TensorProto::external)
                            .count();
                }
            }
        }
        assertThat(external).isEqualTo(2);
    }

    @Test
    void tensorsBelowTheSizeAskedForStay() {
        Path path = folder.resolve("m.onnx");
        WriteOptions large = WriteOptions.standard().withExternalData(ExternalDataPolicy.atLeast(100_000));
        new OnnxWriter().write(model(graph(3)), path, large);
        assertThat(proto(path).initializers().stream()
                        .filter(TensorProto::external)
                        .map(TensorProto::name))
                .containsExactly("l");
        same(read(path).graph(), graph(3));
    }

    @Test
    void aModelWithoutLargeTensorsIsOneFile() throws IOException {
        Graph small = GraphText.parse(
                "graph main(%x: f32[2]) { %w = const f32[2] {1, 2} %y = Add(%x, %w) return %y }",
                OnnxModelBuilder.OPERATORS);
        new OnnxWriter().write(model(small), folder.resolve("m.onnx"), ALWAYS);
        assertThat(files()).containsExactly("m.onnx");
    }

    @Test
    void tensorsLeaveTheModelWhenItIsTooLarge() throws IOException {
        Path path = folder.resolve("m.onnx");
        OnnxWriter writer = new OnnxWriter(10_000);
        writer.write(model(graph(4)), path, WriteOptions.standard());
        assertThat(files()).containsExactly("m.onnx", "m.onnx.data");
        same(read(path).graph(), graph(4));
        Path one = folder.resolve("one.onnx");
        new OnnxWriter().write(model(graph(4)), one, WriteOptions.standard());
        assertThat(files()).containsExactly("m.onnx", "m.onnx.data", "one.onnx");
        WriteOptions never = WriteOptions.standard().withExternalData(ExternalDataPolicy.never());
        assertThatThrownBy(() -> writer.write(model(graph(4)), path, never))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("the limit of protobuf")
                .hasMessageContaining("ExternalDataPolicy.whenNeeded()");
        WriteOptions huge = WriteOptions.standard().withExternalData(ExternalDataPolicy.atLeast(1 << 20));
        assertThatThrownBy(() -> writer.write(model(graph(4)), path, huge))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("leaves smaller tensors out");
        same(read(path).graph(), graph(4));
    }

    @Test
    void writingAgainReplacesBothFiles() throws IOException {
        Path path = folder.resolve("m.onnx");
        for (int seed = 5; seed < 9; seed++) {
            ModelFile before = seed == 5 ? null : read(path);
            new OnnxWriter().write(model(graph(seed)), path, ALWAYS);
            assertThat(files()).hasSize(2);
            same(read(path).graph(), graph(seed));
            if (before != null) {
                same(before.graph(), graph(seed - 1));
            }
        }
    }

    @Test
    void aModelReplacesItself() throws IOException {
        Path path = folder.resolve("m.onnx");
        new OnnxWriter().write(model(graph(9)), path, ALWAYS);
        ModelFile mapped = read(path);
        new OnnxWriter().write(mapped, path, ALWAYS);
        same(mapped.graph(), graph(9));
        same(read(path).graph(), graph(9));
        assertThat(files()).hasSize(2);
    }

    @Test
    void filesThatAreLeftOverAreDeletedByTheNextWrite() throws IOException {
        Path path = folder.resolve("m.onnx");
        Files.write(folder.resolve("m.onnx.data"), new byte[1]);
        Files.write(folder.resolve("m.onnx.2.data"), new byte[1]);
        Files.write(folder.resolve("m.onnx.3.data.bak"), new byte[1]);
        Files.write(folder.resolve("other.onnx.data"), new byte[1]);
        new OnnxWriter().write(model(graph(10)), path, ALWAYS);
        assertThat(files()).containsExactly("m.onnx", "m.onnx.3.data", "m.onnx.3.data.bak", "other.onnx.data");
        same(read(path).graph(), graph(10));
    }

    @Test
    void aFailureLeavesTheOldModelAndNoFileMore() throws IOException {
        Path path = folder.resolve("m.onnx");
        new OnnxWriter().write(model(graph(11)), path, ALWAYS);
        GraphBuilder builder = new GraphBuilder("empty name");
        Value input = builder.input("x", random(DType.FLOAT32, 1, 2).type());
        Graph unwritable = builder.output("y", input)
                .output("x", builder.constant(random(DType.FLOAT32, 1, 600)))
                .build();
        assertThatThrownBy(() -> new OnnxWriter().write(model(unwritable), path, ALWAYS))
                .isInstanceOf(UnsupportedModelException.class);
        assertThat(files()).containsExactly("m.onnx", "m.onnx.data");
        Path isFolder = Files.createDirectory(folder.resolve("folder"));
        assertThatThrownBy(() -> new OnnxWriter().write(model(graph(11)), isFolder, ALWAYS))
                .isInstanceOf(ModelFileException.class);
        assertThatThrownBy(() -> new OnnxWriter().write(model(graph(11)), folder.resolve("no/m.onnx"), ALWAYS))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("no/m.onnx.data");
        assertThat(files()).containsExactly("folder", "m.onnx", "m.onnx.data");
        same(read(path).graph(), graph(11));
    }

    @Test
    void aChannelHasNoFileBesideIt() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> new OnnxWriter().write(model(graph(12)), Channels.newChannel(out), ALWAYS))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("channel");
        assertThat(out.size()).isZero();
        assertThatThrownBy(() -> new OnnxWriter(10_000)
                        .write(model(graph(12)), Channels.newChannel(out), WriteOptions.standard()))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("write to a Path");
        new OnnxWriter().write(model(graph(12)), Channels.newChannel(out), WriteOptions.standard());
        same(
                OnnxModelBuilder.read(out.toByteArray(), ExternalData.none(), Limits.standard())
                        .graph(),
                graph(12));
    }

    @Test
    void aPolicyNeedsAPositiveSize() {
        assertThatThrownBy(() -> ExternalDataPolicy.atLeast(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("minBytes");
    }
}
