package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.npy.Npy;
import dev.tenon.formats.onnx.TensorFiles;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.TestData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredSamplesTest {
    /** Windows of 3 x 3 make 16, 32 and 64 channels of 28, 14 and 7 pixels a side; products of 3136 x 64 and 64 x 10 follow. */
    private static final long MNIST_FLOPS = 2 * (784L * 16 * 9 + 196 * 32 * 144 + 49 * 64 * 288 + 3136 * 64 + 64 * 10);

    @TempDir
    private Path folder;

    private static List<ValueInfo> inputs(String... typesByName) {
        List<ValueInfo> inputs = new ArrayList<>();
        for (int i = 0; i < typesByName.length; i += 2) {
            inputs.add(new ValueInfo(typesByName[i], ValueType.parse(typesByName[i + 1])));
        }
        return inputs;
    }

    private Path npy(String name, Tensor tensor) {
        Path file = folder.resolve(name);
        Npy.write(file, tensor);
        return file;
    }

    private Path npz(Map<String, Tensor> arrays, boolean isStored) throws IOException {
        Path file = folder.resolve("x.npz");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(isStored ? 0 : 9);
            for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                Npy.write(bytes, array.getValue());
                zip.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
                zip.write(bytes.toByteArray());
                zip.closeEntry();
            }
        }
        return file;
    }

    private static List<Samples.Call> calls(Samples.Calls calls) {
        List<Samples.Call> all = new ArrayList<>();
        calls.forEach(all::add);
        List<Samples.Call> again = new ArrayList<>();
        calls.forEach(again::add);
        assertThat(again).hasSameSizeAs(all);
        for (int i = 0; i < all.size(); i++) {
            for (Map.Entry<String, Tensor> input : all.get(i).inputs().entrySet()) {
                assertThat(again.get(i).inputs().get(input.getKey()).contentEquals(input.getValue()))
                        .isTrue();
            }
        }
        assertThat(calls.samples())
                .isEqualTo(all.stream().mapToLong(Samples.Call::samples).sum());
        return all;
    }

    private static float[] numbers(int count) {
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = i * 0.5f - 3;
        }
        return x;
    }

    @Test
    void rowsAreSamplesInBatchesOfSixtyFour() {
        Tensor x = Tensor.of(numbers(150 * 3), 150, 3);
        List<Samples.Call> calls = calls(Samples.npy(npy("x.npy", x)).bind(inputs("x", "f32[batch,3]")));
        assertThat(calls).extracting(Samples.Call::samples).containsExactly(64L, 64L, 22L);
        assertThat(calls.get(1).inputs().get("x").contentEquals(x.slice(64, 128)))
                .isTrue();
        assertThat(calls.get(2).inputs().get("x").contentEquals(x.slice(128, 150)))
                .isTrue();
    }

    @Test
    void aFixedBatchGivesTheRowsOfACall() {
        Path file = npy("x.npy", Tensor.of(numbers(12), 6, 2));
        List<Samples.Call> one = calls(Samples.npy(file).bind(inputs("x", "f32[1,2]")));
        assertThat(one).hasSize(6);
        assertThat(one.get(3).inputs().get("x").contentEquals(Tensor.of(new float[] {0, 0.5f}, 1, 2)))
                .isTrue();
        assertThat(calls(Samples.npy(file).bind(inputs("x", "f32[3,2]")))).hasSize(2);
        assertThatThrownBy(() -> Samples.npy(file).bind(inputs("x", "f32[4,2]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("multiples of 4")
                .hasMessageContaining("last 2");
    }

    @Test
    void anArrayOfOneRankMoreHasTheInputOfACallInEachRow() {
        Path file = npy("x.npy", Tensor.of(numbers(24), 4, 3, 2));
        List<Samples.Call> calls = calls(Samples.npy(file).bind(inputs("x", "f32[batch,2]")));
        assertThat(calls).hasSize(4).allMatch(call -> call.samples() == 1);
        assertThat(calls.getFirst().inputs().get("x").dims()).containsExactly(3, 2);
        Path scalars = npy("s.npy", Tensor.of(new long[] {5, 6}));
        assertThat(calls(Samples.npy(scalars).bind(inputs("x", "i64[]")))
                        .get(1)
                        .inputs()
                        .get("x")
                        .contentEquals(Tensor.scalar(6L)))
                .isTrue();
        assertThatThrownBy(() -> Samples.npy(file).bind(inputs("x", "f32[batch]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("of rank 3")
                .hasMessageContaining("rank 1 with samples as rows, or rank 2");
    }

    @Test
    void aLargeInputMakesSmallerBatches() {
        Path file = npy("x.npy", Tensor.allocate(DType.UINT8, 2, 3, 1024, 1024));
        List<Long> batches = new ArrayList<>();
        Samples.npy(file).bind(inputs("x", "f32[n,3,h,w]")).forEach(call -> batches.add(call.samples()));
        // 12 MiB a sample in float32.
        assertThat(batches).containsExactly(1L, 1L);
    }

    @Test
    void integersForFloatsAreNormalised() {
        Tensor x = Tensor.of(new byte[] {0, 1, 2, 3, 4, 5, 6, (byte) 255}, 1, 2, 2, 2);
        Tensor unsigned = Tensor.of(DType.UINT8, x.segment(), 1, 2, 2, 2);
        StoredSamples samples = Samples.npy(npy("x.npy", unsigned));
        List<ValueInfo> inputs = inputs("x", "f32[n,2,2,2]");
        assertThat(only(samples, inputs)).containsExactly(0, 1, 2, 3, 4, 5, 6, 255);
        assertThat(only(samples.normalize(0.5, new double[] {1}, new double[] {2}, Samples.Layout.NCHW), inputs))
                .containsExactly(-0.5f, -0.25f, 0, 0.25f, 0.5f, 0.75f, 1, 63.25f);
        double[] mean = {0, 1};
        double[] std = {1, 2};
        assertThat(only(samples.normalize(1, mean, std, Samples.Layout.NCHW), inputs))
                .containsExactly(0, 1, 2, 3, 1.5f, 2, 2.5f, 127);
        assertThat(only(samples.normalize(1, mean, std, Samples.Layout.NHWC), inputs))
                .containsExactly(0, 0, 2, 1, 4, 2, 6, 127);
        // The arithmetic is float32's: 255 / 255 - 0.1307 differs in double.
        float expected = (255 * (float) (1 / 255.0) - 0.1307f) / 0.3081f;
        assertThat(only(
                        samples.normalize(1 / 255.0, new double[] {0.1307}, new double[] {0.3081}, Samples.Layout.NCHW),
                        inputs)[7])
                .isEqualTo(expected);
        Tensor half = samples.bind(inputs("x", "f16[n,2,2,2]"))
                .first()
                .orElseThrow()
                .inputs()
                .get("x");
        assertThat(half.dtype()).isEqualTo(DType.FLOAT16);
        assertThat(half.getFloat(7)).isEqualTo(255);
    }

    private static float[] only(Samples samples, List<ValueInfo> inputs) {
        return samples.bind(inputs).first().orElseThrow().inputs().get("x").toFloatArray();
    }

    @Test
    void floatsAreNeverNormalised() {
        StoredSamples samples = Samples.npy(npy("x.npy", Tensor.of(new double[] {1, 2}, 1, 2)))
                .normalize(7, new double[] {8}, new double[] {9}, Samples.Layout.NCHW);
        assertThat(only(samples, inputs("x", "f32[n,2]"))).containsExactly(1, 2);
    }

    @Test
    void integersForIntegersAreWidened() {
        Path file = npy("x.npy", Tensor.of(new int[] {-1, 1 << 30}, 2, 1));
        StoredSamples samples = Samples.npy(file).normalize(7, new double[] {8}, new double[] {9}, Samples.Layout.NCHW);
        Tensor wide = samples.bind(inputs("x", "i64[n,1]"))
                .first()
                .orElseThrow()
                .inputs()
                .get("x");
        assertThat(wide.dtype()).isEqualTo(DType.INT64);
        assertThat(wide.toLongArray()).containsExactly(-1, 1 << 30);
        for (String narrow : List.of("i16[n,1]", "u32[n,1]", "u64[n,1]", "bool[n,1]")) {
            assertThatThrownBy(() -> samples.bind(inputs("x", narrow)))
                    .isInstanceOf(CompressionException.class)
                    .hasMessageContaining("elements of type i32");
        }
        Path floats = npy("f.npy", Tensor.of(new float[] {1, 2}, 2, 1));
        assertThatThrownBy(() -> Samples.npy(floats).bind(inputs("x", "i64[n,1]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("elements of type f32; allowed i64, i32, i16, i8, u32, u16, u8");
    }

    @Test
    void anArchiveHasAnArrayForEachInput() throws IOException {
        Tensor ids = Tensor.convert(DType.INT32, new long[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor mask = Tensor.of(new long[] {1, 1, 1, 0, 1, 0}, 3, 2);
        List<ValueInfo> inputs = inputs("ids", "i64[batch,tokens]", "mask", "i64[batch,tokens]");
        for (boolean isStored : List.of(true, false)) {
            Path file = npz(Map.of("mask", mask, "ids", ids), isStored);
            List<Samples.Call> calls = calls(Samples.npz(file).bind(inputs));
            assertThat(calls).hasSize(1);
            assertThat(calls.getFirst().inputs().get("ids").toLongArray()).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(calls.getFirst().inputs().get("mask").contentEquals(mask))
                    .isTrue();
        }
        assertRefused(Map.of("ids", ids), inputs, "no array for input 'mask'");
        assertRefused(Map.of("ids", ids, "mask", mask, "more", mask), inputs, "an array 'more' for no input");
        assertRefused(Map.of("ids", ids, "mask", mask.slice(0, 2)), inputs, "mask: 2");
        assertRefused(Map.of("ids", ids, "mask", Tensor.of(new long[9], 3, 3)), inputs, "'tokens' of another input");
        assertRefused(Map.of("ids", ids.slice(0, 0), "mask", mask.slice(0, 0)), inputs, "no samples");
    }

    private void assertRefused(Map<String, Tensor> arrays, List<ValueInfo> inputs, String message) throws IOException {
        Path file = npz(arrays, false);
        assertThatThrownBy(() -> Samples.npz(file).bind(inputs))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aFolderHasAnArrayForEachInput() {
        npy("a.npy", Tensor.of(numbers(4), 4));
        npy("b.npy", Tensor.of(numbers(8), 4, 2));
        List<Samples.Call> calls = calls(Samples.npy(folder).bind(inputs("a", "f32[n]", "b", "f32[1,2]")));
        assertThat(calls).hasSize(4);
        assertThat(calls.get(2).inputs().get("a").dims()).containsExactly(1);
    }

    @Test
    void anInputOfItsOwnRankGoesWithOneOfOneRankMore() throws IOException {
        Path file = npz(Map.of("x", Tensor.of(numbers(6), 3, 2), "state", Tensor.of(numbers(12), 3, 2, 1, 2)), false);
        List<Samples.Call> calls = calls(Samples.npz(file).bind(inputs("x", "f32[n,2]", "state", "f32[2,batch,2]")));
        assertThat(calls).hasSize(3);
        assertThat(calls.getFirst().inputs().get("state").dims()).containsExactly(2, 1, 2);
        assertThatThrownBy(() -> Samples.npz(file).bind(inputs("x", "f32[3,2]", "state", "f32[2,batch,2]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("input 'x' is f32[3,2]");
    }

    @Test
    void shapesNamesAndFilesAreCheckedBeforeAnyWork() throws IOException {
        Path file = npy("x.npy", Tensor.of(numbers(6), 2, 3));
        assertThatThrownBy(() -> Samples.npy(file).bind(inputs("x", "f32[n,4]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("shape [2, 3]")
                .hasMessageContaining("f32[n,4]");
        assertThatThrownBy(() -> Samples.npy(file).bind(inputs("x", "f32[n,3]", "y", "f32[n,3]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("one array for a model with 2 inputs");
        Path integers = npy("i.npy", Tensor.of(new int[6], 2, 3));
        double[] two = {1, 2};
        assertThatThrownBy(() -> Samples.npy(integers)
                        .normalize(1, two, two, Samples.Layout.NCHW)
                        .bind(inputs("x", "f32[n,3]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("mean of 2 values for 3 channels");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> Samples.npy(file).bind(inputs("x", "f32[n,3]")))
                .isInstanceOf(MalformedModelException.class);
        Files.writeString(file, "no archive");
        assertThatThrownBy(() -> Samples.npz(file).bind(inputs("x", "f32[n,3]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("numpy.savez");
    }

    @Test
    void numbersOfANormalisationAreChecked() {
        StoredSamples samples = Samples.npy(folder);
        double[] one = {1};
        assertThatThrownBy(() -> samples.normalize(Double.NaN, one, one, Samples.Layout.NCHW))
                .isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> samples.normalize(1, one, new double[] {1, 0}, Samples.Layout.NCHW))
                .isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> samples.normalize(1, new double[0], one, Samples.Layout.NCHW))
                .isInstanceOf(InvalidOptionException.class);
    }

    private void set(String path, String name, int number, Tensor tensor) throws IOException {
        Path set = Files.createDirectories(folder.resolve(path));
        TensorFiles.write(set.resolve("input_" + number + ".pb"), name, tensor);
    }

    @Test
    void dataSetsOfBackendTestsAreCalls() throws IOException {
        for (int i = 0; i < 11; i++) {
            set("test_data_set_" + i, "", 0, Tensor.of(new float[] {i, 2 * i}, 2, 1));
            set("test_data_set_" + i, "", 1, Tensor.scalar((long) i));
        }
        List<Samples.Call> calls = calls(Samples.folder(folder).bind(inputs("x", "f32[n,1]", "rate", "i64[]")));
        assertThat(calls).hasSize(11).allMatch(call -> call.samples() == 2);
        assertThat(calls.get(10).inputs().get("rate").getLong(0)).isEqualTo(10);
        assertThatThrownBy(() -> Samples.folder(folder).bind(inputs("x", "f32[n,2]", "rate", "i64[]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("f32[2,1] for input 'x'");
        assertThatThrownBy(() -> Samples.folder(folder).bind(inputs("x", "f32[n,1]", "rate", "i64[]", "z", "i64[]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("2 files for 3 inputs");
    }

    @Test
    void namesInDataSetsTellTheInputs() throws IOException {
        set("case/test_data_set_0", "b", 0, Tensor.of(new byte[] {1}, 1, 1));
        set("case/test_data_set_0", "a", 1, Tensor.of(new float[] {5}, 1, 1));
        Map<String, Tensor> call = calls(Samples.folder(folder).bind(inputs("a", "f32[1,1]", "b", "f32[1,1]")))
                .getFirst()
                .inputs();
        assertThat(call.get("a").getFloat(0)).isEqualTo(5);
        assertThat(call.get("b").getFloat(0)).isEqualTo(1);
        assertThatThrownBy(() ->
                        Samples.folder(folder.resolve("case/test_data_set_0")).bind(inputs("a", "f32[1,1]")))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("test_data_set_0");
    }

    @Test
    void realImagesGiveTheAccuracyThatIsKnown() {
        Path trained = TestData.shared("models", "trained");
        Path digits = trained.resolve("digits_vit");
        Samples images = Samples.npy(digits.resolve("eval_x.npy"))
                .normalize(1 / 16.0, new double[] {0}, new double[] {1}, Samples.Layout.NCHW);
        Score score = Compressor.of(digits.resolve("model.onnx"))
                .evaluate(images, Metric.accuracy(Npy.read(digits.resolve("eval_y.npy"))))
                .run(Progress.ignored())
                .report()
                .score()
                .orElseThrow();
        assertThat(score.samples()).isEqualTo(500);
        assertThat(score.before()).isEqualTo(0.976);
        assertThat(score.disagreements()).isZero();
        CompressionReport mnist = Compressor.of(trained.resolve("mnist_cnn/model.onnx"))
                .run(Progress.ignored())
                .report();
        assertThat(mnist.flops()).contains(new CompressionReport.Change(MNIST_FLOPS, MNIST_FLOPS));
        assertThat(mnist.parameters().before()).isEqualTo(225_164);
    }

    /** An archive whose directory claims that its arrays have other sizes. */
    private Path claiming(Map<String, Tensor> arrays, long bytes) throws IOException {
        Path file = npz(arrays, false);
        byte[] all = Files.readAllBytes(file);
        for (int at = 0; at + 28 < all.length; at++) {
            if (all[at] == 'P' && all[at + 1] == 'K' && all[at + 2] == 1 && all[at + 3] == 2) {
                ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putInt(at + 24, (int) bytes);
            }
        }
        return Files.write(file, all);
    }

    private static void isRefused(Path file, Samples.ArchiveLimits limits, String... parts) {
        assertThatThrownBy(() -> Samples.npz(file, limits).bind(inputs("x", "f32[n,3]")))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void archivesAreCountedBeforeTheyAreRead() throws IOException {
        Samples.ArchiveLimits limits = Samples.ArchiveLimits.standard();
        Tensor x = Tensor.of(numbers(6), 2, 3);
        long size = 128 + 4 * 6;
        Path file = npz(Map.of("x", x), false);
        assertThat(Samples.npz(
                                file,
                                limits.maxBytes(size)
                                        .maxArrayBytes(size)
                                        .maxArrays(1)
                                        .maxRatio(1))
                        .bind(inputs("x", "f32[n,3]"))
                        .samples())
                .isEqualTo(2);
        isRefused(file, limits.maxBytes(size - 1), size + " bytes or more in all", "ArchiveLimits.maxBytes");
        isRefused(file, limits.maxArrayBytes(size - 1), "x.npy: " + size + " bytes", "maxArrayBytes");
        isRefused(npz(Map.of("x", x, "y", x), false), limits.maxArrays(1), "2 arrays", "maxArrays");
        Path bomb = claiming(Map.of("x", x), 3_000_000_000L);
        isRefused(bomb, limits, "3000000000 bytes in a file of", "less than 200 for each byte", "maxRatio");
        isRefused(bomb, limits.maxRatio(Long.MAX_VALUE).maxArrayBytes(1 << 30), "maxArrayBytes");
        assertThatThrownBy(
                        () -> Samples.npz(bomb, limits.maxRatio(Long.MAX_VALUE)).bind(inputs("x", "f32[n,3]")))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("24 bytes for all rows");
        // As many zeros as any archive may pack.
        isRefused(claiming(Map.of("x", x, "y", x), Samples.ArchiveLimits.ANY_RATIO_BYTES / 2 + 1), limits, "maxRatio");
        assertThatThrownBy(() -> Samples.npz(claiming(Map.of("x", x), Samples.ArchiveLimits.ANY_RATIO_BYTES), limits)
                        .bind(inputs("x", "f32[n,3]")))
                .isInstanceOf(MalformedModelException.class);
        assertThatThrownBy(() -> limits.maxRatio(0))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("Samples.ArchiveLimits.maxRatio: 0");
        assertThat(limits.maxArrays(7).maxArrays(1000))
                .isEqualTo(Samples.ArchiveLimits.standard())
                .hasSameHashCodeAs(limits);
    }
}
