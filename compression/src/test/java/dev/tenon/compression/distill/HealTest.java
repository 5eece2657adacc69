package dev.tenon.compression.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.Step;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.factorize.Pays;
import dev.tenon.compression.prune.Prune;
import dev.tenon.compression.prune.Saliency;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.compression.quantize.weights.BlockRounding;
import dev.tenon.compression.quantize.weights.Int4Weights;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.recipe.Recipe;
import dev.tenon.compression.recipe.Recipes;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HealTest {
    private static final int SAMPLES = 600;

    private static Compressor compressor() {
        return Compressor.of(SmallNetworks.network(48, 1))
                .calibrate(SmallNetworks.samples(SAMPLES))
                .evaluate(Metric.meanSquaredError())
                .keepAccuracyWithin(1e9);
    }

    private static double error(Compression result) {
        return result.report().score().orElseThrow().loss();
    }

    private static Heal heal() {
        return Heal.epochs(8).batch(32).learningRate(0.01);
    }

    @Test
    void prunedWeightsStayZeroAndTheOthersLearn() {
        Step prune = Prune.unstructured(0.5).by(Saliency.MAGNITUDE).leastTerms(1);
        Compression cut = compressor().apply(prune).run();
        Compression healed = compressor().apply(prune, heal()).run();
        List<LinearLayer> before = LinearLayer.of(cut.model().graph());
        List<LinearLayer> after = LinearLayer.of(healed.model().graph());
        for (int i = 0; i < before.size(); i++) {
            float[] a = before.get(i).matrix();
            float[] b = after.get(i).matrix();
            int zeros = 0;
            for (int k = 0; k < a.length; k++) {
                zeros += a[k] == 0 ? 1 : 0;
                assertThat(b[k] == 0)
                        .as("weight %s of %s: %s -> %s", k, before.get(i), a[k], b[k])
                        .isEqualTo(a[k] == 0);
            }
            assertThat(zeros).isGreaterThan(a.length / 3);
            assertThat(Arrays.equals(a, b)).isFalse();
        }
        assertThat(error(healed)).isLessThan(0.5 * error(cut));
    }

    @Test
    void fewerChannelsAndLowRankAreHealed() {
        List<Step> steps = List.of(
                Prune.structured(0.5).lastHidden(true).leastWidth(1).reconstruct(false),
                LowRank.energy(0.7).pays(Pays.always()));
        for (Step step : steps) {
            Compression cut = compressor().apply(step).run();
            Compression healed = compressor().apply(step, heal()).run();
            assertThat(cut.report().parameters().after())
                    .as(step + "")
                    .isLessThan(cut.report().parameters().before());
            assertThat(error(healed)).as(step + "").isLessThan(0.9 * error(cut));
            assertThat(healed.report().parameters()).isEqualTo(cut.report().parameters());
        }
    }

    @Test
    void fewBitsAreHealedInTheirIntegers() {
        for (int bits : new int[] {3, 4}) {
            Step step = Quantize.int8().weightBits(bits);
            Compression cut = compressor().apply(step).run();
            Compression healed = compressor().apply(step, heal()).run();
            assertThat(healed.report().sizeBytes()).isEqualTo(cut.report().sizeBytes());
            assertThat(healed.model().graph().nodes())
                    .hasSameSizeAs(cut.model().graph().nodes());
            List<Value> before = cut.model().graph().constants();
            List<Value> after = healed.model().graph().constants();
            int changed = 0;
            for (int i = 0; i < before.size(); i++) {
                assertThat(after.get(i).type()).isEqualTo(before.get(i).type());
                Tensor a = before.get(i).constant();
                Tensor b = after.get(i).constant();
                changed += a.contentEquals(b) ? 0 : 1;
                if (a.dtype() == DType.INT4 || a.dtype() == DType.INT8) {
                    LongSummaryStatistics range = Arrays.stream(a.toLongArray()).summaryStatistics();
                    assertThat(Arrays.stream(b.toLongArray()).boxed().toList())
                            .allMatch(code -> code >= range.getMin() && code <= range.getMax());
                }
            }
            assertThat(changed).as("%s bits", bits).isGreaterThan(1);
            double least = cut.report().score().orElseThrow().loss();
            assertThat(error(healed)).as("%s bits", bits).isLessThan(0.8 * least);
            assertThat(healed.report()
                            .details()
                            .evidence()
                            .trainings()
                            .getFirst()
                            .trained())
                    .hasSize(4);
        }
    }

    @Test
    void scalesAreLearned() {
        Step step = Quantize.int8().weightBits(3);
        Compression cut = compressor().apply(step).run();
        Compression fixed = compressor().apply(step, heal()).run();
        Compression learned = compressor().apply(step, heal().learnScales()).run();
        assertThat(learned.report().sizeBytes()).isEqualTo(cut.report().sizeBytes());
        assertThat(error(learned)).isLessThan(0.8 * error(cut)).isLessThan(error(fixed));
        List<Value> before = cut.model().graph().constants();
        List<Value> after = learned.model().graph().constants();
        int changed = 0;
        for (int i = 0; i < before.size(); i++) {
            Tensor a = before.get(i).constant();
            Tensor b = after.get(i).constant();
            assertThat(after.get(i).type()).isEqualTo(before.get(i).type());
            if (before.get(i).name().contains("scale")) {
                changed += a.contentEquals(b) ? 0 : 1;
                for (float scale : b.toFloatArray()) {
                    assertThat(scale).isPositive();
                }
            }
        }
        assertThat(changed).isGreaterThan(3);
    }

    @Test
    void integersInBlocksAreHealed() {
        for (boolean isSymmetric : new boolean[] {true, false}) {
            Int4Weights rounded = QuantizeWeights.int4().block(16).rounding(BlockRounding.NEAREST);
            Step step = isSymmetric ? rounded.symmetric() : rounded.asymmetric();
            Compression cut = compressor().apply(step).run();
            for (Heal heal : List.of(heal(), heal().learnScales())) {
                Compression healed = compressor().apply(step, heal).run();
                assertThat(healed.report().sizeBytes()).isEqualTo(cut.report().sizeBytes());
                assertThat(error(healed)).as(heal + "").isLessThan(0.8 * error(cut));
            }
        }
    }

    /** All of what is trained is what is written: the network in integers gives the outputs that training has judged. */
    @Test
    void theTrainedNetworkIsTheOneInIntegers() {
        Model quantized =
                compressor().apply(Quantize.int8().weightBits(4)).run().model();
        LatentWeights latent = new LatentWeights(quantized.graph(), true);
        Model thawed = latent.thawed(quantized);
        assertThat(latent.scales()).hasSizeGreaterThan(3);
        Model frozen = latent.frozen(quantized, thawed);
        assertThat(SavedModel.bytes(frozen)).isEqualTo(SavedModel.bytes(quantized));
        GraphEditor editor = new GraphEditor(thawed.graph());
        for (Value constant : thawed.graph().constants()) {
            if (latent.scales().contains(constant.name())) {
                float[] logarithms = new float[(int) constant.constant().size()];
                Arrays.fill(logarithms, 0.3f);
                editor.replaceConstant(constant, Tensor.of(logarithms));
            }
        }
        Model changed = thawed.withGraph(editor.build());
        Model written = latent.frozen(quantized, changed);
        Tensor x = SmallNetworks.random(new Random(5), 1, 20, SmallNetworks.INPUTS);
        float[] expected = changed.predict(Map.of("x", x)).tensor().toFloatArray();
        float[] found = written.predict(Map.of("x", x)).tensor().toFloatArray();
        float[] before = quantized.predict(Map.of("x", x)).tensor().toFloatArray();
        double difference = 0;
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(0.06f));
            difference = Math.max(difference, Math.abs(found[i] - before[i]));
        }
        assertThat(difference).isGreaterThan(0.2);
    }

    @Test
    void recipesHeal() {
        String text = "{\"steps\": [{\"step\": \"prune-50\"},"
                + " {\"step\": \"heal\", \"options\": {\"epochs\": 2, \"batch\": 32, \"loss\": \"cosine\", \"rate\": 0.001,"
                + " \"scales\": \"learned\", \"average\": 0.9}}]}";
        Compression result = Recipes.standard()
                .parse("mine", "document", text)
                .run(compressor(), Goal.smallest(), Progress.ignored());
        assertThat(result.report().details().evidence().trainings()).hasSize(1);
        Compression followed = Recipes.standard()
                .find("prune-50")
                .followedBy("heal epochs=1", Heal.epochs(1))
                .run(compressor(), Goal.smallest(), Progress.ignored());
        assertThat(followed.report().recipe()).isEqualTo("prune-50+heal");
        assertThatThrownBy(() -> Recipes.standard().find("trees").followedBy("heal", Heal.epochs(1)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("recipe 'trees'");
        Heal[] asked = new Heal[1];
        Recipe.search("mine", (c, goal, progress) -> {
                    asked[0] = (Heal) goal.heal().orElseThrow();
                    return c.run(progress);
                })
                .followedBy("heal", heal())
                .run(compressor(), Goal.smallest(), Progress.ignored());
        assertThat(asked[0]).as("a search heals what it finds").hasToString(heal().toString());
        for (String wrong : List.of(
                "{\"epochs\": 0}",
                "{\"loss\": \"l1\"}",
                "{\"epoch\": 1}",
                "{\"batch\": 0.5}",
                "{\"scales\": \"none\"}",
                "{\"average\": 1}")) {
            assertThatThrownBy(() -> Recipes.standard()
                            .parse(
                                    "mine",
                                    "document",
                                    "{\"steps\": [{\"step\": \"heal\", \"options\": " + wrong + "}]}"))
                    .isInstanceOf(CompressionException.class);
        }
    }

    @Test
    void recipesDistil() {
        Model teacher = SmallNetworks.network(48, 1);
        String text = "{\"steps\": [{\"step\": \"distill\", \"options\":"
                + " {\"channels\": 0.75, \"epochs\": 2, \"loss\": \"kl\", \"temperature\": 2, \"patience\": 1}}]}";
        Compression result = Recipes.standard()
                .parse("mine", "document", text)
                .run(compressor(), Goal.smallest(), Progress.ignored());
        assertThat(result.report().parameters().ratio()).isLessThan(0.4);
        assertThat(result.model().inputs()).isEqualTo(teacher.inputs());
    }
}
