package dev.tenon.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.SessionOptions;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/**
 * Empty batches: models of the families whose batch dimension becomes 0. Each result has the same other dimensions as
 * for a full batch. The peer does not run them, because they may end its process.
 */
@Tag("tiers")
@Tag("costly")
class EmptyOperandsTest {
    /** Operators, and their operands that are batches. */
    private static final Map<String, int[]> BATCHED = batched();

    private static Map<String, int[]> batched() {
        Map<String, int[]> all = new LinkedHashMap<>();
        for (String name : List.of(
                "Conv",
                "ConvTranspose",
                "AveragePool",
                "LpPool",
                "MaxPool",
                "GlobalAveragePool",
                "GlobalMaxPool",
                "GlobalLpPool",
                "Col2Im",
                "BatchNormalization",
                "LRN",
                "DepthToSpace",
                "SpaceToDepth",
                "ConvInteger",
                "QLinearConv",
                "Det",
                "com.microsoft.FusedConv",
                "com.microsoft.NhwcMaxPool",
                "com.microsoft.QLinearAveragePool",
                "com.microsoft.QLinearGlobalAveragePool",
                "com.microsoft.QLinearConv",
                "com.microsoft.GemmFastGelu",
                "com.microsoft.DynamicQuantizeMatMul",
                "com.microsoft.MatMulNBits")) {
            all.put(name, new int[] {0});
        }
        all.put("MaxUnpool", new int[] {0, 1});
        all.put("GridSample", new int[] {0, 1});
        all.put("DeformConv", new int[] {0, 2, 4});
        all.put("Attention", new int[] {0, 1, 2, 4, 5});
        all.put("LinearAttention", new int[] {0, 1, 2, 3, 4, 5});
        all.put("MaxRoiPool", new int[] {1});
        all.put("RoiAlign", new int[] {1, 2});
        return all;
    }

    @Property(tries = 10, seed = "20260415", shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void giveEmptyResultsOfTheRightDimensions(@ForAll long seed) {
        List<String> done = new ArrayList<>();
        for (Family family : Families.all()) {
            family.generators().forEach((name, generator) -> {
                if (BATCHED.containsKey(name)) {
                    done.add(name);
                    Draw draw = new Draw(seed + 31L * name.hashCode());
                    OperatorModel tested = generator.model(draw);
                    while (!hasBatch(tested)) {
                        tested = generator.model(draw);
                    }
                    check(tested, BATCHED.get(name));
                }
            });
        }
        assertThat(done).containsExactlyInAnyOrderElementsOf(BATCHED.keySet());
    }

    /** Whether the first dimension is a batch, and no attribute of the model depends on its size. */
    private static boolean hasBatch(OperatorModel tested) {
        int rank = tested.operand(0).rank();
        return switch (tested.operator()) {
            case "Det" -> rank > 2;
            case "MaxUnpool" -> tested.operand(2) == null;
            case "Attention" -> tested.operand(3) == null || tested.operand(3).rank() < 4;
            default -> rank > 1 && !Long.valueOf(1).equals(tested.attribute("transA"));
        };
    }

    private static void check(OperatorModel tested, int... batched) {
        OperatorModel empty = tested;
        for (int i : batched) {
            Tensor t = tested.operand(i);
            if (t != null) {
                long[] dims = t.dims();
                dims[0] = 0;
                empty = empty.with(i, Tensor.allocate(t.dtype(), dims));
            }
        }
        List<Datum> full = run(tested, false, true);
        for (boolean symbolic : new boolean[] {false, true}) {
            for (boolean optimize : new boolean[] {false, true}) {
                List<Datum> found = run(empty, symbolic, optimize);
                for (int i = 0; i < full.size(); i++) {
                    long[] dims = ((Tensor) full.get(i)).dims();
                    dims[0] = 0;
                    assertThat(((Tensor) found.get(i)).dims())
                            .as(() -> "result " + Arrays.toString(dims) + ", symbolic " + symbolic + ", optimised "
                                    + optimize + " of\n" + tested)
                            .isEqualTo(dims);
                    assertThat(((Tensor) found.get(i)).dtype()).isEqualTo(((Tensor) full.get(i)).dtype());
                }
            }
        }
    }

    private static List<Datum> run(OperatorModel tested, boolean symbolic, boolean optimize) {
        Model model = Model.load(ByteBuffer.wrap(tested.file(g -> !g.constant(), symbolic, Map.of())));
        Map<String, Datum> inputs = new LinkedHashMap<>();
        for (OperatorModel.Given g : tested.given()) {
            if (!g.constant()) {
                inputs.put(g.name(), g.value());
            }
        }
        Outputs outputs = model.session(SessionOptions.standard().threads(1).optimize(optimize))
                .predict(inputs);
        return tested.returned().stream().map(outputs::get).toList();
    }
}
