package dev.tenon.compression;

import dev.tenon.compression.CompressionReport.Change;
import dev.tenon.compression.CompressionReport.Details;
import dev.tenon.compression.CompressionReport.Latency;
import dev.tenon.compression.CompressionReport.OperatorTime;
import dev.tenon.compression.CompressionReport.Spread;
import dev.tenon.compression.CompressionReport.Stage;
import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.compression.metric.Interval;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reports with made-up figures. */
public final class ReportExamples {
    private ReportExamples() {}

    /**
     * A report with few members.
     *
     * @param name the name of the model and of its layer
     * @return the report
     */
    public static CompressionReport small(String name) {
        return new CompressionReport(
                name,
                "int8-static+prune",
                new Change(1000, 280),
                new Change(200, 210),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(
                        LayerReport.changed(name, "int8-static", 8, 0.25, 41.5),
                        LayerReport.kept("b", "prune", "because of " + name)),
                true,
                3,
                new Details(
                        List.of(),
                        List.of(new StoredTensor(name, DType.FLOAT32, 200, 800)),
                        List.of(new StoredTensor(name, DType.INT8, 200, 200)),
                        List.of(),
                        List.of(),
                        nothing(),
                        new CompressionReport.Options(Double.POSITIVE_INFINITY, Confidence.standard(), 0, ""),
                        new Machine("a processor", 2, "25", "1.0", List.of("scalar: always"))));
    }

    /** Hashes of a digit each. */
    private static CompressionReport.Hashes hashes(String calibration, String evaluation) {
        return new CompressionReport.Hashes(
                "1".repeat(64),
                "2".repeat(64),
                "3".repeat(64),
                Optional.ofNullable(calibration),
                Optional.ofNullable(evaluation));
    }

    /** Evidence without data. */
    static CompressionReport.Evidence nothing() {
        return new CompressionReport.Evidence(
                hashes(null, null), Optional.empty(), Optional.empty(), List.of(), List.of(), List.of(), List.of());
    }

    /** A trial of a size and a loss of accuracy, whose time falls with its size. */
    static Trial trial(String name, long sizeBytes, double loss, boolean isChosen) {
        Score score = new Score("top1", 0, -loss, 2000, 0, 0, new Interval(0, 0, 0.95, false), 30, true);
        Timing timing = new Timing(1_500_000, 300_000 + sizeBytes, 1000);
        return new Trial(
                name,
                Map.of("conv1", name),
                sizeBytes,
                Optional.of(score),
                Optional.of(timing),
                OptionalDouble.of(1.5),
                "",
                isChosen);
    }

    /**
     * A report with all members.
     *
     * @return the report
     */
    public static CompressionReport full() {
        List<LayerReport> layers = new ArrayList<>();
        List<StoredTensor> before = new ArrayList<>();
        List<StoredTensor> after = new ArrayList<>();
        List<Sensitivity> sensitivities = new ArrayList<>();
        String[] names = {
            "conv1", "conv2", "/encoder/layer.0/attention/self/query/MatMul", "/encoder/layer.0/output/dense", "head"
        };
        for (int i = 0; i < 24; i++) {
            String name = names[i % names.length] + (i < names.length ? "" : "_" + i);
            long elements = (long) (220_000 / (1 + 0.7 * i));
            boolean isKept = i == 4 || i == 17;
            before.add(new StoredTensor(name + ".weight", DType.FLOAT32, elements, 4 * elements));
            DType type = isKept ? DType.FLOAT32 : i % 3 == 1 ? DType.INT4 : DType.INT8;
            after.add(new StoredTensor(name + ".weight", type, elements, type.byteSize(elements)));
            after.add(new StoredTensor(name + ".bias", DType.INT32, 64, 256));
            layers.add(
                    isKept
                            ? LayerReport.kept(name, "int8-static", "the loss would be 0.8 points")
                            : LayerReport.changed(
                                    name, "int8-static", type.bits(), i % 5 == 0 ? 0.5 : 0, 18 + i * 1.7));
            sensitivities.add(new Sensitivity(
                    name, "int8", OptionalDouble.of(0.02 / (i + 1)), OptionalDouble.of(0.003 + 0.01 / (25 - i))));
        }
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            trials.add(trial(
                    "trial " + i, 900_000 - i * 55_000L, 0.0001 * i * i * (i % 3 == 0 ? 1.6 : 0.7) - 0.0005, i == 10));
        }
        return new CompressionReport(
                "mnist_cnn",
                "auto",
                new Change(904_395, 243_110),
                new Change(225_164, 226_500),
                Optional.of(new Change(18_912_256, 18_912_256)),
                Optional.of(new Score(
                        "top1",
                        0.991,
                        0.9895,
                        2000,
                        7,
                        0.00041,
                        new Interval(-0.0008, 0.0038, 0.95, false),
                        31.2,
                        true)),
                Optional.of(new Latency(
                        new Spread(0.412, 0.401, 0.440),
                        new Spread(0.167, 0.160, 0.171),
                        1,
                        false,
                        OptionalDouble.of(0.75),
                        List.of(
                                new OperatorTime("Conv", 0.31, 0),
                                new OperatorTime("QLinearConv", 0, 0.11),
                                new OperatorTime("Gemm", 0.08, 0.03),
                                new OperatorTime("MaxPool", 0.012, 0.009)))),
                layers,
                false,
                0,
                new Details(
                        List.of(new Stage("prune-2:4", 0.0004, 904_395), new Stage("int8-static", 0.0015, 243_110)),
                        before,
                        after,
                        sensitivities,
                        trials,
                        evidence(layers),
                        new CompressionReport.Options(0.001, Confidence.standard(), 1, "size"),
                        Machine.current()));
    }

    /** A chain of the layers with an activation after each, and three skips. */
    private static CompressionReport.Evidence evidence(List<LayerReport> layers) {
        List<CompressionReport.GraphNode> nodes = new ArrayList<>();
        List<CompressionReport.ActivationRange> activations = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            List<Integer> sources = i == 0 ? List.of() : List.of(nodes.size() - 1);
            nodes.add(new CompressionReport.GraphNode(layers.get(i).name(), "Conv", 1000L * (i + 1), sources));
            nodes.add(new CompressionReport.GraphNode(
                    "add" + i,
                    "Add",
                    0,
                    i % 10 == 3 ? List.of(nodes.size() - 5, nodes.size() - 1) : List.of(nodes.size() - 1)));
            activations.add(new CompressionReport.ActivationRange(
                    layers.get(i).name(), -0.5, 2 + 0.1 * i, -1, 5, i, List.of(3L, 100L, 500L, 20L, 2L, (long) i)));
        }
        return new CompressionReport.Evidence(
                hashes("0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4)),
                Optional.empty(),
                Optional.of(changes()),
                activations,
                List.of(new CompressionReport.ChannelRanges(
                        "conv1", "conv2", List.of(8.0, 0.1, 1.0, 0.2), List.of(0.9, 0.8, 1.0, 0.7))),
                List.of(new CompressionReport.Training(
                        "distill",
                        List.of(
                                new CompressionReport.Training.Epoch(Double.NaN, 2, 0),
                                new CompressionReport.Training.Epoch(1.5, 0.5, 0.001)),
                        1,
                        new CompressionReport.Training.Agreement("classes", 0.25, 0.96, 100),
                        List.of("w<1>"),
                        Map.of("table", "operand 0 of Gather"),
                        List.of("a <note>"),
                        3)),
                nodes);
    }

    /** Three samples that got worse, of two classes. */
    private static Changes changes() {
        Changes.Collector changes = new Changes.Collector();
        changes.add(new Changes.Sample(17, 3, 3, 3, 0.01, 0.002));
        changes.add(new Changes.Sample(40, 3, 3, 8, 0.4, 0.09));
        changes.add(new Changes.Sample(41, 8, 1, 8, 0.9, 0.11));
        return changes.changes();
    }
}
