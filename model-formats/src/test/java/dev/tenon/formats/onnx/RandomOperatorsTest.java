package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.onnx.lowering.OperatorTable.Row;
import dev.tenon.formats.onnx.lowering.OperatorTables.Domain;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.graph.Graph;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Nodes of all operators of all domains in all versions, with random operands, some of them left out, and random
 * attributes: each gives a graph or a typed exception.
 */
class RandomOperatorsTest {
    private static final long SEED = Long.getLong("tenon.test.seed", 20_261_129);
    private static final int MANY = 400;
    private static final long OPERATIONS = 100_000_000;
    private static final Limits LIMITS =
            Limits.standard().maxExpandedBytes(1 << 22).maxTensorBytes(1 << 24);

    private static final List<String> WHOLE = List.of(
            "axis",
            "to",
            "num_heads",
            "kv_num_heads",
            "do_rotary",
            "block_size",
            "num_outputs",
            "keepdims",
            "channels_last",
            "transA",
            "transB",
            "bits",
            "K",
            "N",
            "group",
            "hidden_size",
            "ceil_mode",
            "dtype",
            "is_test",
            "training_mode",
            "storage_order",
            "sorted",
            "largest",
            "select_last_index",
            "blocksize",
            "batch_dims",
            "noop_with_empty_axes",
            "num_groups",
            "unidirectional",
            "rotary_embedding_dim",
            "interleaved",
            "step",
            "opset",
            "dim",
            "stash_type",
            "quantize_axis",
            "gather_axis",
            "local_window_size",
            "accuracy_level",
            "broadcast",
            "q_num_heads",
            "p",
            "output_dtype",
            "block",
            "linear_before_reset",
            "sample_size",
            "spatial",
            "num_scan_inputs",
            "exclude_outside",
            "n_targets",
            "max_map",
            "past_present_share_buffer",
            "mask_filter_value",
            "detect_negative");
    private static final List<String> REAL = List.of(
            "alpha", "beta", "epsilon", "scale", "softcap", "clip", "ratio", "bias", "lambd", "gamma", "min", "max",
            "seed");
    private static final List<String> WHOLES = List.of(
            "axes",
            "perm",
            "pads",
            "strides",
            "dilations",
            "kernel_shape",
            "split",
            "output_shape",
            "output_padding",
            "starts",
            "ends",
            "sizes",
            "shape",
            "steps",
            "qkv_hidden_sizes",
            "value_ints",
            "nodes_featureids",
            "axis",
            "scan_input_axes");
    private static final List<String> TEXT = List.of(
            "mode",
            "direction",
            "auto_pad",
            "equation",
            "reduction",
            "activation",
            "coordinate_transformation_mode",
            "nearest_mode",
            "padding_mode",
            "border",
            "interpolation_mode",
            "approximate");
    private static final List<String> TEXTS = List.of(
            "",
            "linear",
            "nearest",
            "bilinear",
            "SAME_UPPER",
            "VALID",
            "forward",
            "bidirectional",
            "ij,jk->ik",
            "i,i->",
            "...a->a",
            "sum",
            "mean",
            "none",
            "reflect",
            "edge",
            "Relu",
            "tanh",
            "abc");
    private static final long[] NUMBERS = {
        0, 1, 2, 3, 4, 8, 16, 32, -1, -2, 5, 1 << 20, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final DType[] TYPES = {
        DType.FLOAT32,
        DType.FLOAT32,
        DType.FLOAT32,
        DType.INT64,
        DType.INT32,
        DType.UINT8,
        DType.INT8,
        DType.BOOL,
        DType.FLOAT16,
        DType.STRING,
        DType.FLOAT64
    };
    private static final int[] SIZES = {1, 2, 2, 3, 4, 8, 16, 32, 0};

    private static long number(SplittableRandom random) {
        return NUMBERS[random.nextInt(random.nextInt(4) == 0 ? NUMBERS.length : 9)];
    }

    private static String one(List<String> of, SplittableRandom random) {
        return of.get(random.nextInt(of.size()));
    }

    private static AttributeProto attribute(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0, 1 -> OnnxModelBuilder.attribute(one(WHOLE, random), number(random));
            case 2 -> OnnxModelBuilder.attribute(one(REAL, random), (float) random.nextGaussian());
            case 3 ->
                OnnxModelBuilder.attribute(
                        one(WHOLES, random),
                        random.longs(random.nextInt(5), -2, 5).toArray());
            default -> OnnxModelBuilder.attribute(one(TEXT, random), one(TEXTS, random));
        };
    }

    /** A model of one node. */
    private static byte[] model(String domain, Row row, SplittableRandom random) {
        int version = random.nextInt(4) == 0 ? random.nextInt(row.first(), row.last() + 1) : row.last();
        OnnxModelBuilder model = OnnxModelBuilder.opset(domain.isEmpty() ? version : 21);
        if (!domain.isEmpty()) {
            model.imports(domain, version);
        }
        List<String> operands = new ArrayList<>();
        int rank = random.nextInt(5);
        DType type = TYPES[random.nextInt(TYPES.length)];
        for (int i = random.nextInt(random.nextInt(3) == 0 ? 15 : 5); i > 0; i--) {
            String name = random.nextInt(6) == 0 ? "" : "x" + i;
            operands.add(name);
            if (!name.isEmpty()) {
                operand(model, name, random.nextInt(3) > 0 ? type : TYPES[random.nextInt(TYPES.length)], rank, random);
            }
        }
        List<String> results = new ArrayList<>();
        for (int i = random.nextInt(random.nextInt(3) == 0 ? 6 : 2); i >= 0; i--) {
            results.add(random.nextInt(12) == 0 ? "" : "y" + i);
        }
        Map<String, AttributeProto> attributes = new LinkedHashMap<>();
        if (random.nextBoolean()) {
            // Attributes without which many operators are refused at once.
            for (String name : List.of(
                    "num_heads", "kv_num_heads", "q_num_heads", "hidden_size", "bits", "block_size", "K", "N")) {
                attributes.put(name, OnnxModelBuilder.attribute(name, 1L << random.nextInt(6)));
            }
        }
        for (int i = random.nextInt(random.nextInt(3) == 0 ? 40 : 4); i > 0; i--) {
            AttributeProto a = attribute(random);
            attributes.put(a.name(), a);
        }
        model.node(
                String.join(",", results) + " = " + domain + ":" + row.operator() + "(" + String.join(",", operands)
                        + ")",
                attributes.values().toArray(AttributeProto[]::new));
        results.stream().filter(r -> !r.isEmpty()).forEach(model::output);
        return model.bytes();
    }

    private static void operand(OnnxModelBuilder model, String name, DType type, int rank, SplittableRandom random) {
        int own = random.nextInt(3) == 0 ? random.nextInt(5) : rank;
        long[] dims = new long[own];
        Object[] shape = new Object[own];
        for (int k = 0; k < own; k++) {
            dims[k] = SIZES[random.nextInt(SIZES.length)];
            shape[k] = random.nextInt(5) == 0 ? "n" + random.nextInt(3) : dims[k];
        }
        if (random.nextInt(3) > 0) {
            model.input(name, type, shape);
            return;
        }
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size() && type != DType.STRING && type != DType.BOOL; i++) {
            t.setDouble(i, random.nextInt(0, 4));
        }
        model.initializer(name, t);
    }

    private static Graph read(byte[] file) {
        WorkLimits limits = new WorkLimits(Long.MAX_VALUE, OPERATIONS, "time", "operations");
        return WorkBudget.started("loading", limits).run(() -> {
            try {
                return OnnxModelBuilder.read(file, ExternalData.none(), LIMITS).graph();
            } catch (TenonException e) {
                assertThat(e.found()).isNotBlank();
                return null;
            }
        });
    }

    private static void run(int times) {
        SplittableRandom random = new SplittableRandom(SEED);
        int graphs = 0;
        int refused = 0;
        Map<String, String> faults = new LinkedHashMap<>();
        for (Domain domain : OnnxDomains.TABLES.domains()) {
            for (Row row : OnnxDomains.TABLES.table(domain.name()).rows()) {
                for (int i = 0; i < times; i++) {
                    byte[] file = model(domain.name(), row, random.split());
                    try {
                        if (read(file) == null) {
                            refused++;
                        } else {
                            graphs++;
                        }
                    } catch (RuntimeException | Error e) {
                        StackTraceElement[] at = e.getStackTrace();
                        faults.putIfAbsent(
                                domain.name() + ":" + row.operator() + " " + e,
                                at.length < 5 ? "" : at[0] + " " + at[1] + " " + at[2] + " " + at[3] + " " + at[4]);
                    }
                }
            }
        }
        System.out.println("seed " + SEED + ": " + graphs + " graphs, " + refused + " refused, " + faults.size()
                + " kinds of faults");
        assertThat(faults).as("seed %d", SEED).isEmpty();
        assertThat(graphs).isPositive();
    }

    @Test
    void fewOfEach() {
        run(4);
    }

    @Test
    @Tag("exhaustive")
    void manyOfEach() {
        run(MANY);
    }
}
