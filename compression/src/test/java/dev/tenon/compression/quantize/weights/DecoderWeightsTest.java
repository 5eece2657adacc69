package dev.tenon.compression.quantize.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Metric;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Samples;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.Score;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.data.RawSamples;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decoders from safetensors, whose weights are transposed and may have 16 bits, judged by perplexity. */
class DecoderWeightsTest {
    private static final double AS_FLOAT = 2e-5;
    private static final int SAMPLES = 6;
    private static final int TOKENS = 20;

    /** Seven products of a layer, the output matrix and the embedding. */
    private static final int LAYERS = 9;

    @TempDir
    private Path folder;

    private static Tensor ids() {
        return Tensor.of(
                new SplittableRandom(5)
                        .longs((long) SAMPLES * TOKENS, 0, SmallDecoder.VOCABULARY)
                        .toArray(),
                SAMPLES,
                TOKENS);
    }

    private static Step step(int bits) {
        return bits == 4 ? QuantizeWeights.int4() : QuantizeWeights.int8();
    }

    @ParameterizedTest
    @CsvSource({"4,FLOAT32", "4,BFLOAT16", "8,FLOAT32", "8,BFLOAT16"})
    void areQuantisedAndRunInOnnxRuntime(int bits, DType type) throws Exception {
        SmallDecoder.write(folder, type);
        Tensor ids = ids();
        Compressor compressor = Compressor.of(folder)
                .evaluate(RawSamples.tokens(ids), Metric.perplexity(RawSamples.nextTokens(ids)))
                .keepAccuracyWithin(SmallDecoder.VOCABULARY)
                .apply(step(bits));
        Compression result = compressor.run();
        assertThat(result.report().layers().stream().filter(layer -> layer.bits() == bits))
                .hasSize(LAYERS);
        assertThat(result.report().layers().stream().filter(LayerReport::kept).map(LayerReport::reason))
                .isNotEmpty()
                .allMatch("a table of angles of positions"::equals);
        Score score = result.report().score().orElseThrow();
        double before = perplexity(compressor.model(), ids);
        double after = perplexity(result.model(), ids);
        assertThat(score.before()).isCloseTo(before, within(1e-9 * before));
        assertThat(score.after()).isCloseTo(after, within(1e-9 * after));
        assertThat(after).isNotEqualTo(before).isBetween(before / 1.5, before * 1.5);
        // The embedding is stored twice, since it is gathered and multiplied.
        assertThat(ModelSize.bytes(result.model())).isLessThan(ModelSize.bytes(compressor.model()));
        Map<String, Tensor> inputs = RawSamples.tokens(ids)
                .bind(result.model().inputs())
                .first()
                .orElseThrow()
                .inputs();
        Tensor expected = result.model().predict(inputs).tensor("logits");
        byte[] file = SavedModel.bytes(result.model());
        Tensor found = Peer.run(file, OptLevel.NO_OPT, inputs).get("logits");
        assertThat(Peer.difference(found, expected)).isLessThan(AS_FLOAT);
    }

    /** The layer that is left out keeps its bytes. */
    @Test
    void layersThatAreLeftOutStayAsTheyAre() throws Exception {
        SmallDecoder.write(folder, DType.BFLOAT16);
        Model model = Model.load(folder);
        StepContext context = StepContext.of(null, 0);
        String left = "blk.0.ffn_down";
        Model found = QuantizeWeights.int8()
                .layers(LayerFilter.all().leaving(List.of(left)))
                .apply(model, context);
        assertThat(context.layers().stream().filter(layer -> layer.bits() == 8).map(LayerReport::name))
                .hasSize(LAYERS - 1)
                .doesNotContain(left);
        assertThat(found.graph().constants().stream().filter(v -> v.constant().dtype() == DType.BFLOAT16))
                .hasSize(1);
    }

    /** The perplexity by one call for each sample, and by its definition. */
    private static double perplexity(Model model, Tensor ids) {
        double[] sum = {0};
        Samples.Calls calls = RawSamples.tokens(ids).bind(model.inputs());
        int[] sample = {0};
        calls.forEach(call -> {
            double[] logits = model.predict(call.inputs()).tensor("logits").toDoubleArray();
            for (int i = 0; i + 1 < TOKENS; i++) {
                double total = 0;
                for (int t = 0; t < SmallDecoder.VOCABULARY; t++) {
                    total += Math.exp(logits[i * SmallDecoder.VOCABULARY + t]);
                }
                int next = (int) ids.getLong((long) sample[0] * TOKENS + i + 1);
                sum[0] += Math.log(total) - logits[i * SmallDecoder.VOCABULARY + next];
            }
            sample[0]++;
        });
        return Math.exp(sum[0] / (SAMPLES * (TOKENS - 1)));
    }
}
