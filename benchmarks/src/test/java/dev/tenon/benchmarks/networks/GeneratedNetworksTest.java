package dev.tenon.benchmarks.networks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.ModelCase;
import dev.tenon.benchmarks.cases.Terms;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.graph.Node;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratedNetworksTest {
    @TempDir
    private Path folder;

    /** Each network with small sizes, shapes of inputs, and the elements of all outputs. */
    static Stream<Arguments> small() {
        return Stream.of(
                Arguments.of(
                        new Bert(1000, 32, 2, 32, 4),
                        "input_ids=2x7 attention_mask=2x7 token_type_ids=2x7",
                        2 * 7 * 32 + 2 * 32),
                Arguments.of(new VisionTransformer(32, 8, 2, 32, 4, 10), "", 10),
                Arguments.of(new WhisperEncoder(8, 20, 2, 32, 4), "", 10 * 32),
                Arguments.of(new ResNet(64, 8, List.of(2, 2, 1, 1), 10), "", 10),
                Arguments.of(
                        new EfficientNet(
                                64,
                                8,
                                List.of(new EfficientNet.Stage(1, 8, 1, 1, 3), new EfficientNet.Stage(6, 12, 2, 2, 5)),
                                32,
                                10),
                        "",
                        10),
                Arguments.of(new Yolo(64, 4, 2, 5), "", (4 + 5) * (64 + 16 + 4)),
                Arguments.of(new UNet(32, 4, 2, 2), "", 2 * 32 * 32),
                Arguments.of(
                        new MobileNet(
                                64,
                                8,
                                List.of(new MobileNet.Stage(1, 8, 1, 1), new MobileNet.Stage(6, 12, 2, 2)),
                                32,
                                10),
                        "",
                        10));
    }

    @ParameterizedTest
    @MethodSource("small")
    void bothEnginesComputeTheSame(Network network, String shapes, int elements) {
        Path file = folder.resolve("small.onnx");
        GeneratedNetworks.write("small", network, false, file);
        ModelCase small = ModelCase.of("small", file.toString(), shapes, 1, Terms.STANDARD);
        Agreement agreement = Agreement.of(small);
        assertThat(agreement.holds(small)).as("%s", agreement).isTrue();
        try (PreparedRun call = small.prepare(Engines.ONNXRUNTIME)) {
            call.run();
            float[] output = call.output();
            assertThat(output).hasSize(elements);
            assertThat(meanSquare(output)).isBetween(1e-4, 1e4);
        }
    }

    /** Roundings of activations differ by ranges that differ in their last bits, so that some integers differ by one. */
    @Test
    void quantisedNetworksAreNearTheirFloats() {
        for (Network network : List.of(new UNet(32, 16, 2, 2), new ResNet(64, 8, List.of(2, 2, 1, 1), 10))) {
            Path floats = folder.resolve("floats.onnx");
            Path bytes = folder.resolve("bytes.onnx");
            GeneratedNetworks.write("floats", network, false, floats);
            GeneratedNetworks.write("bytes", network, true, bytes);
            Tensor x = noise(Model.load(floats));
            float[] expected =
                    ((Tensor) Model.load(floats).predict(Map.of("input", x)).get("output")).toFloatArray();
            float[] found =
                    ((Tensor) Model.load(bytes).predict(Map.of("input", x)).get("output")).toFloatArray();
            double wrong = 0;
            double all = 0;
            for (int i = 0; i < expected.length; i++) {
                wrong += Math.pow(found[i] - expected[i], 2);
                all += Math.pow(expected[i], 2);
            }
            assertThat(wrong).as(network.toString()).isBetween(all * 1e-9, all * 0.05);
            assertThat(Model.load(bytes).graph().nodes().stream()
                            .map(node -> node.op().schema().name()))
                    .contains("ConvInteger");
        }
    }

    private static Tensor noise(Model model) {
        long[] dims = model.graph().inputs().getFirst().tensorType().shape().toArray();
        Tensor x = Tensor.allocate(DType.FLOAT32, dims);
        SplittableRandom random = new SplittableRandom(7);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextDouble() * 2 - 1);
        }
        return x;
    }

    /** An element that is not finite makes the mean so. */
    private static double meanSquare(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum / values.length;
    }

    @ParameterizedTest
    @MethodSource("small")
    void aSeedDecidesAllBytes(Network network, String shapes, int elements) throws IOException {
        Path first = folder.resolve("first.onnx");
        Path second = folder.resolve("second.onnx");
        GeneratedNetworks.write("small", network, true, first);
        GeneratedNetworks.write("small", network, true, second);
        assertThat(first).hasSameBinaryContentAs(second);
        assertThat(firstWeight(network, 1).contentEquals(firstWeight(network, 1)))
                .isTrue();
        assertThat(firstWeight(network, 1).contentEquals(firstWeight(network, 2)))
                .isFalse();
    }

    private static Tensor firstWeight(Network network, long seed) {
        return network.graph(new Layers("small", seed)).constants().stream()
                .filter(value -> value.name().startsWith("weight"))
                .findFirst()
                .orElseThrow()
                .constant();
    }

    @Test
    void aMissingFileIsWrittenOnce() throws IOException {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(log, true, StandardCharsets.UTF_8);
        Path file = folder.resolve("models").resolve("generated-yolov8n-like.onnx");
        GeneratedNetworks.writeIfMissing(file, out);
        assertThat(log.toString(StandardCharsets.UTF_8))
                .startsWith("generating ")
                .contains(file.toString());
        log.reset();
        Object before = Files.getLastModifiedTime(file);
        GeneratedNetworks.writeIfMissing(file, out);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(before);
        GeneratedNetworks.writeIfMissing(folder.resolve("other.onnx"), out);
        assertThat(folder.resolve("other.onnx")).doesNotExist();
        assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
        // The real one has 3.2 million weights and 64 convolutions.
        assertThat(Files.size(file)).isBetween(12_600_000L, 13_100_000L);
        assertThat(Model.load(file).graph().nodes().stream()
                        .map(Node::op)
                        .map(op -> op.schema().name()))
                .filteredOn("Conv"::equals)
                .hasSize(64);
    }

    /** Arithmetic of subnormal numbers is slow on some processors, and no trained network has many. */
    @Test
    void aDetectorHasNoLargeOrSubnormalNumbers() {
        Path file = folder.resolve("generated-yolov8n-like.onnx");
        GeneratedNetworks.write("generated-yolov8n-like", Yolo.LIKE_YOLOV8N, false, file);
        Model model = Model.load(file);
        List<String> sums = model.graph().nodes().stream()
                .filter(node -> node.op() instanceof Conv)
                .map(node -> node.output().name())
                .toList();
        List<String> wrong = new ArrayList<>();
        model.session()
                .observe(sums, (name, value) -> {
                    for (float x : ((Tensor) value).toFloatArray()) {
                        if (!(Math.abs(x) < 40) || x != 0 && Math.abs(x) < Float.MIN_NORMAL) {
                            wrong.add(name + ": " + x);
                        }
                    }
                })
                .predict(Map.of("images", image()));
        assertThat(wrong).isEmpty();
    }

    private static Tensor image() {
        float[] pixels = new float[3 * 640 * 640];
        SplittableRandom random = new SplittableRandom(20261202);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextDouble();
        }
        return Tensor.wrap(pixels, 1, 3, 640, 640);
    }
}
