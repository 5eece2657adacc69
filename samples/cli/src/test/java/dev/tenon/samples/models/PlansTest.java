package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.op.ViewOp;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.shape.Transpose;
import dev.tenon.plan.Plan;
import dev.tenon.plan.PlanText;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.plan.Step;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The plans of the real models for given machines, whatever the host: their memory, and their kernels in order.
 * Resources hold digests of the expected plans. {@code -Dtenon.plans.update=true} writes new digests; review the
 * difference together with the change that caused it.
 *
 * <p>Kernels use the vectors of the host, and with narrower vectors more results are written in place. So memory and
 * steps are compared only on hosts with vectors of 512 bits. On other hosts only the kernels are compared, and the test
 * reports that.
 */
@Tag("models")
@Tag("vector")
class PlansTest {
    /** The part of a kernel id that depends on the vectors of the host. */
    private static final String WIDTHS = "(_\\d+x\\d+)?_vector\\d+";

    /** The bytes of packed constants, which depend on the vectors of the host. */
    private static final String PACKED = "const:\\d+";

    /** The vector bits of a host on which digests are written. */
    private static final int DIGEST_BITS = 512;

    /** How much larger an arena may be than the largest set of values that are live at the same time, as a fraction. */
    private static final double MAX_EXCESS = 0.1;

    private static final Map<String, Capabilities> MACHINES =
            Map.of("avx512", Capabilities.avx512(), "avx2", Capabilities.avx2());

    /**
     * How many Transposes between other operators a model needs. The stem of the OCR direction model ends with a
     * depthwise convolution of 8 channels. These are too few to fill a vector, so that the stem has the layout channels
     * first.
     */
    private static final Map<PlannedModel, Long> INNER_TRANSPOSES = Map.of(PlannedModel.OCR_DIRECTION, 1L);

    /** A model and the shapes of its inputs. */
    enum PlannedModel {
        MINILM("all-minilm-l6-v2.onnx", new long[] {1, 128}, new long[] {1, 128}, new long[] {1, 128}),
        OCR_DETECTION("ch_PP-OCRv4_det_infer.onnx", new long[] {1, 3, 640, 640}),
        OCR_RECOGNITION("ch_PP-OCRv4_rec_infer.onnx", new long[] {1, 3, 48, 320}),
        OCR_DIRECTION("ch_ppocr_mobile_v2.0_cls_infer.onnx", new long[] {1, 3, 48, 192}),
        MOBILENET("shared:models/vision/mobilenet_v2/fp32.onnx", new long[] {1, 224, 224, 3}),
        FACES("blazeface_back.onnx", new long[] {1, 256, 256, 3}),
        VOICE("silero_vad_v5.onnx", new long[] {1, 576}, new long[] {2, 1, 128}, new long[] {}),
        RESNET50("shared:conformance/dev/light/light_resnet50/model.onnx", new long[] {1, 3, 224, 224}),
        DENSENET121("shared:conformance/dev/light/light_densenet121/model.onnx", new long[] {1, 3, 224, 224});

        private final String file;
        private final long[][] dims;

        PlannedModel(String file, long[]... dims) {
            this.file = file;
            this.dims = dims;
        }

        private Path path() {
            return file.startsWith("shared:")
                    ? Path.of(System.getProperty("tenon.shared", ""), file.substring("shared:".length()))
                    : Path.of(System.getProperty("tenon.models", "target/models"), file);
        }

        private ShapeKey key(Graph graph) {
            Datum[] inputs = new Datum[dims.length];
            assertThat(graph.inputs()).as("inputs of %s", this).hasSize(dims.length);
            for (int i = 0; i < dims.length; i++) {
                TensorType type = (TensorType) graph.inputs().get(i).type();
                inputs[i] = Tensor.allocate(type.dtype(), dims[i]);
            }
            return ShapeKey.of(inputs);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isAsItWasAndWastesNoMemory(PlannedModel planned, TestReporter reporter) throws Exception {
        TestData.fetched(planned.path());
        Graph read = Model.load(planned.path()).graph();
        Graph graph = Pipeline.standard(StandardRules.FLOATS.paying(CoreKernels.set()::has))
                .withLayouts()
                .apply(read);
        for (Map.Entry<String, Capabilities> machine : MACHINES.entrySet()) {
            Program program = new Program(graph, CoreKernels.set(), machine.getValue());
            Plan plan = Planner.plan(program, planned.key(graph), Long.MAX_VALUE);
            String name = planned + " on " + machine.getKey();
            reporter.publishEntry(name, PlanText.totals(plan));
            assertThat(plan.arenaExcess())
                    .as("%s: arena of %,d bytes above its largest live set", name, plan.arenaBytes())
                    .isBetween(0.0, MAX_EXCESS);
            if (SimdSpecies.BITS != DIGEST_BITS) {
                reporter.publishEntry(name, "only kernels are compared: vectors have " + SimdSpecies.BITS + " bits");
            }
            assertThat(innerTransposes(graph, plan))
                    .as("%s: Transposes that are not at inputs or outputs", name)
                    .isEqualTo(INNER_TRANSPOSES.getOrDefault(planned, 0L));
            assertThat(activations(plan))
                    .as("%s: activations and normalisations that are neither folded nor fused", name)
                    .isEmpty();
            check(planned.name().toLowerCase(Locale.ROOT) + "-" + machine.getKey(), plan);
        }
    }

    /** The number of Transposes whose operand is not an input and whose result is not an output. Views are ignored. */
    private static long innerTransposes(Graph graph, Plan plan) {
        List<Value> outputs = graph.outputs().stream().map(PlansTest::viewed).toList();
        return plan.steps().stream()
                .map(Step::node)
                .filter(n -> n.op() instanceof Transpose)
                .filter(n -> viewed(n.input(0)).producer() != null && !outputs.contains(n.output()))
                .count();
    }

    /** The steps that apply an element-wise operation to floats. */
    private static List<String> activations(Plan plan) {
        return plan.steps().stream()
                .map(Step::node)
                .filter(n -> n.op() instanceof BatchNormalization
                        || n.op() instanceof Elementwise
                                && n.output().tensorType().dtype().isFloating())
                .map(n -> n.op().title() + " " + n.name())
                .toList();
    }

    private static Value viewed(Value v) {
        Value viewed = v;
        while (viewed.producer() != null && viewed.producer().op() instanceof ViewOp) {
            viewed = viewed.producer().input(0);
        }
        return viewed;
    }

    private static void check(String name, Plan plan) throws IOException, NoSuchAlgorithmException {
        String steps = PlanText.steps(plan).replaceAll(WIDTHS, "_vector").replaceAll(PACKED, "const");
        String digest = digest(plan, steps);
        Path file = Path.of(
                System.getProperty("tenon.root", "../.."), "samples/cli/src/test/resources/plans", name + ".txt");
        if (Boolean.getBoolean("tenon.plans.update")) {
            assertThat(SimdSpecies.BITS)
                    .as("bits of the vectors of a host that writes digests")
                    .isEqualTo(DIGEST_BITS);
            Files.writeString(file, digest);
        }
        Path whole = Path.of(System.getProperty("tenon.root", "../.."), "samples/cli/target/plans", name + ".txt");
        Files.createDirectories(whole.getParent());
        Files.writeString(whole, steps);
        assertThat(comparable(digest))
                .as(
                        "plan %s; all of it is in %s; if it is as it should be, -Dtenon.plans.update=true keeps it",
                        name, whole)
                .isEqualTo(comparable(Files.readString(file)));
    }

    /**
     * The part of a digest that must be equal on this host: all, or all but the first two lines with steps and memory.
     */
    private static String comparable(String digest) {
        return SimdSpecies.BITS == DIGEST_BITS ? digest : digest.lines().skip(2).collect(Collectors.joining("\n"));
    }

    /** The number and the hash of all steps with their shapes, the memory, and the number of steps for each kernel. */
    private static String digest(Plan plan, String steps) throws NoSuchAlgorithmException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(steps.getBytes(StandardCharsets.UTF_8));
        Map<String, Long> kernels = plan.steps().stream()
                .collect(Collectors.groupingBy(
                        s -> s.node().op().schema().name() + " " + s.kernelId().replaceAll(WIDTHS, "_vector"),
                        TreeMap::new,
                        Collectors.counting()));
        List<String> lines = Arrays.asList(
                plan.steps().size() + " steps, " + HexFormat.of().formatHex(hash, 0, 8),
                "arena " + plan.arenaBytes() + " bytes, largest live set "
                        + plan.memory().lowerBoundBytes() + " bytes");
        StringBuilder text = new StringBuilder(String.join("\n", lines)).append('\n');
        kernels.forEach((kernel, count) -> text.append(String.format("%4d %s%n", count, kernel)));
        return text.toString();
    }
}
