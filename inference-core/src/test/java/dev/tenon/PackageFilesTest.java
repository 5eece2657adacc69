package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.PackageProgram;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.ChildJvm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Packages as files. A package that was written on one CPU runs on another, which packs the weights for its own
 * kernels. A damaged file is refused, or its undamaged weights are packed again.
 */
@Tag("vector")
class PackageFilesTest {
    /** Relative to the largest expected value. One graph was optimised for vectors and the other was not. */
    private static final double TOLERANCE = 1e-5;

    private static final int VERSION_AT = 8;
    private static final int HEADER = 64;
    private static final int HEAD_BYTES_AT = 24;

    /** The JVM flags for each kind of CPU. */
    private static final Map<String, List<String>> CPUS = new LinkedHashMap<>();

    static {
        CPUS.put("full", List.of());
        CPUS.put("avx2", List.of("-Dtenon.isa.max=avx2"));
        CPUS.put("sse", List.of("-Dtenon.isa.max=sse"));
        CPUS.put("scalar", List.of("-Dtenon.vector=off"));
    }

    /** Has every layout of float weights: panels, depthwise weights, Winograd weights, and weights of a recurrence. */
    private static final String NETWORK = """
        graph network(%x: f32[n,32,12,12]) {
          %w1 = const f32[64,32,1,1] @w64x32x1x1
          %w2 = const f32[64,1,3,3] @w64x1x3x3
          %w3 = const f32[64,64,3,3] @w64x64x3x3
          %w4 = const f32[64,40] @w64x40
          %b4 = const f32[40] @w40
          %w5 = const f32[1,72,40] @w1x72x40
          %r5 = const f32[1,72,24] @w1x72x24
          %c1 = Conv(%x, %w1)
          %r1 = Relu(%c1)
          %c2 = Conv<group=64, pads=[1, 1, 1, 1]>(%r1, %w2)
          %c3 = Conv<pads=[1, 1, 1, 1]>(%c2, %w3)
          %p = MaxPool<kernel_shape=[2, 2], strides=[2, 2]>(%c3)
          %g = GlobalAveragePool(%p)
          %f = Flatten(%g)
          %m = MatMul(%f, %w4)
          %a = Add(%m, %b4)
          %axes = const i64[1] {0}
          %s = Unsqueeze(%a, %axes)
          %y, %h = GRU<hidden_size=24>(%s, %w5, %r5)
          return %a, %h
        }
        """;

    /** One product with weights of 256 KB, which are not checked when a mapped file is read. */
    private static final String PRODUCT = """
        graph product(%x: f32[n,256]) {
          %w = const f32[256,256] @w256x256
          %y = MatMul(%x, %w)
          return %y
        }
        """;

    private static final Map<String, Tensor> INPUTS = Map.of("x", SmallModels.random(2, 256));

    @TempDir
    private Path folder;

    private String output(String cpu, String what, Path model, String dims, List<String> files) throws Exception {
        List<String> flags = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector"));
        flags.addAll(CPUS.get(cpu));
        List<String> arguments = new ArrayList<>(List.of(what, model.toString(), dims));
        files.forEach(file -> arguments.add(folder.resolve(file).toString()));
        ChildJvm.Result child = ChildJvm.run(folder, flags, PackageProgram.class, arguments.toArray(new String[0]));
        assertThat(child.status()).as(child.output()).isZero();
        return child.output();
    }

    private static double difference(String output, String file) {
        String line = output.lines()
                .filter(l -> l.startsWith(file))
                .findFirst()
                .orElseThrow(() -> new AssertionError(output));
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    @Test
    void aPackageOfOneCpuRunsOnAnother() throws Exception {
        Path model = folder.resolve("network.onnx");
        SmallModels.model(NETWORK).save(model);
        Map<String, String> tiers = new LinkedHashMap<>();
        for (String cpu : CPUS.keySet()) {
            String written = output(cpu, "write", model, "32x12x12", List.of(cpu + ".tenon"));
            tiers.put(
                    cpu,
                    written.lines()
                            .filter(l -> l.startsWith(PackageProgram.TIERS))
                            .findFirst()
                            .orElseThrow());
        }
        int full = vectorBits(tiers.get("full"));
        int narrow = vectorBits(tiers.get("sse"));
        int middle = vectorBits(tiers.get("avx2"));
        assertThat(narrow).isEqualTo(Math.min(full, 128));
        assertThat(middle).isEqualTo(Math.min(full, 256));
        assertThat(tiers.get("scalar")).contains("switched off");
        long mismatch = Files.mismatch(folder.resolve("sse.tenon"), folder.resolve("avx2.tenon"));
        assertThat(mismatch >= 0).as("panels differ if widths do").isEqualTo(narrow != middle);
        for (String reader : CPUS.keySet()) {
            List<String> writers = reader.equals("full") ? List.copyOf(CPUS.keySet()) : List.of("full", reader);
            String read = output(
                    reader,
                    "read",
                    model,
                    "32x12x12",
                    writers.stream().map(cpu -> cpu + ".tenon").toList());
            for (String writer : writers) {
                boolean alike = reader.equals("scalar") == writer.equals("scalar");
                assertThat(difference(read, writer + ".tenon"))
                        .as("written by %s, read by %s", writer, reader)
                        .isLessThanOrEqualTo(alike ? 0 : TOLERANCE);
            }
        }
    }

    private static int vectorBits(String tiers) {
        Matcher bits = Pattern.compile("(\\d+)-bit vectors").matcher(tiers);
        assertThat(bits.find()).as(tiers).isTrue();
        return Integer.parseInt(bits.group(1));
    }

    private Path product() {
        Path file = folder.resolve("product.tenon");
        Session session = SmallModels.model(PRODUCT).session();
        session.predict(INPUTS);
        session.save(file);
        return file;
    }

    private static MalformedModelException refused(Path file) {
        return (MalformedModelException)
                assertThat(Typed.failure(() -> Model.load(file).predict(INPUTS)))
                        .isInstanceOf(MalformedModelException.class)
                        .actual();
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
            f.seek(at);
            int b = f.read();
            f.seek(at);
            f.write(b ^ 0x10);
        }
    }

    /** Where the unpacked weights of the product begin in the file, a multiple of 64. */
    private static long startOfWeights(Path file) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        byte[] weights = SmallModels.random(256, 256).segment().toArray(ValueLayout.JAVA_BYTE);
        for (int at = 0; at + weights.length <= whole.length; at += HEADER) {
            if (Arrays.equals(whole, at, at + weights.length, weights, 0, weights.length)) {
                return at;
            }
        }
        throw new AssertionError("the weights are not in the file");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, VERSION_AT, VERSION_AT + 3, HEAD_BYTES_AT + 7, HEADER - 1, HEADER, HEADER + 200})
    void aChangedByteOfHeaderOrHeadIsRefused(int at) throws IOException {
        Path file = product();
        flip(file, at);
        refused(file);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "0, 63", "0, 64", "0, 1000", "1, -1", "1, -64", "1, 1", "1, 64"})
    void aFileOfAnotherLengthIsRefused(int fromEnd, long bytes) throws IOException {
        Path file = product();
        try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
            f.setLength(fromEnd * f.length() + bytes);
        }
        refused(file);
    }

    @Test
    void changedPackedWeightsAreRefusedWhenTheyAreNeeded() throws IOException {
        Path file = product();
        flip(file, Files.size(file) - 1);
        assertThat(refused(file)).hasMessageContaining("packed input 1 of node 0");
    }

    @Test
    void changedWeightsThatAreNotReadDoNoHarm() throws IOException {
        Path file = product();
        Tensor expected = Model.load(file).predict(INPUTS).tensor();
        flip(file, startOfWeights(file) + 1000);
        assertThat(Model.load(file).predict(INPUTS).tensor().contentEquals(expected))
                .as("computed from the packed weights")
                .isTrue();
        assertThat(Typed.failure(() -> Model.load(file, LoadOptions.standard().copied())))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("another checksum");
    }

    @Test
    void changedWeightsAreRefusedWhenTheyArePackedAgain() throws Exception {
        Path model = folder.resolve("product.onnx");
        SmallModels.model(PRODUCT).save(model);
        output("avx2", "write", model, "256", List.of("avx2.tenon"));
        Path file = folder.resolve("avx2.tenon");
        flip(file, startOfWeights(file) + 1000);
        List<String> flags = List.of("-Dtenon.isa.max=sse", "-Dtenon.vector=off");
        ChildJvm.Result child =
                ChildJvm.run(folder, flags, PackageProgram.class, "read", model.toString(), "256", file.toString());
        assertThat(child.status()).isNotZero();
        assertThat(child.output())
                .contains("MalformedModelException: constant f32[256,256]: another checksum", "save the package again");
    }
}
