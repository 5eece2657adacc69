package dev.tenon.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.onnx.OnnxWriter;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models with external data, as the peer reads them. All operators are exact. */
class ExternalDataPeerTest {
    @TempDir
    private Path folder;

    private static Tensor write(Graph graph, Path path, WriteOptions options, Map<String, Tensor> inputs)
            throws Peer.Refusal {
        new OnnxWriter().write(new ModelFile(graph, ModelMetadata.EMPTY), path, options);
        Tensor found = Model.load(path).predict(inputs).tensor();
        Tensor expected = (Tensor) new Peer().run(path, inputs).getFirst();
        assertThat(found.contentEquals(expected))
                .as("%s of %s", found, expected)
                .isTrue();
        return found;
    }

    @Test
    void tensorsAreFoundBesideAModel() throws Exception {
        Path path = folder.resolve("m.onnx");
        Graph graph = SmallModels.graph("""
            graph main(%i: i64[n], %c: bool[]) {
              %w = const f32[64,64] @w64x64
              %v = const f32[64,32] @w64x32
              %g = Gather(%w, %i)
              %h = Gather(%v, %i)
              %k = Concat<axis=1>(%g, %h)
              %y = If<else_branch=graph e(%a: f32[n,96]) {
                return %a
              }, then_branch=graph t(%a: f32[n,96]) {
                %u = const f32[20,96] @w20x96
                %m = ReduceMax<keepdims=0>(%u)
                %s = Max(%a, %m)
                return %s
              }>(%c, %k)
              return %y
            }
            """);
        WriteOptions always = WriteOptions.standard().withExternalData(ExternalDataPolicy.always());
        for (boolean condition : new boolean[] {true, false}) {
            Tensor rows = Tensor.of(new long[] {63, 0, 5});
            write(graph, path, always, Map.of("i", rows, "c", Tensor.scalar(condition)));
            assertThat(Files.size(path)).isLessThan(64 * 64);
        }
    }

    @Test
    @Tag("exhaustive")
    void aModelOfMoreThanTwoGigabytesIsTwoFiles() throws Exception {
        long width = 1024;
        long rows = (1 << 19) + 1000;
        Path weights = folder.resolve("weights.bin");
        float[] marks = {1.5f, -2.25f};
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(
                        weights,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.SPARSE)) {
            mark(channel, 0, marks[0]);
            mark(channel, rows * width - 1, marks[1]);
            Tensor table = Tensor.of(
                    DType.FLOAT32,
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, rows * width * Float.BYTES, arena),
                    rows,
                    width);
            GraphBuilder b = new GraphBuilder("large");
            Value i = b.input("i", new TensorType(DType.INT64, Shape.of(Dim.symbol("n"))));
            Value y = b.add(
                    SmallModels.OPERATORS.find("", "Gather").orElseThrow().create(Attributes.none()),
                    b.constant("w", table),
                    i);
            Graph graph = b.output("y", y).build();
            Path path = folder.resolve("m.onnx");
            Tensor found =
                    write(graph, path, WriteOptions.standard(), Map.of("i", Tensor.of(new long[] {0, rows - 1})));
            assertThat(found.getFloat(0)).isEqualTo(marks[0]);
            assertThat(found.getFloat(2 * width - 1)).isEqualTo(marks[1]);
            assertThat(Files.size(path)).isLessThan(4096);
            assertThat(Files.size(folder.resolve("m.onnx.data"))).isGreaterThan(1L << 31);
        }
    }

    private static void mark(FileChannel channel, long index, float value) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.nativeOrder());
        channel.write(bytes.putFloat(0, value), index * Float.BYTES);
    }
}
