package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.floats.BFloat16;
import dev.tenon.compression.floats.Float16;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.compression.quantize.weights.BlockRounding;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.embedding.Pooling;
import dev.tenon.embedding.TextEmbedder;
import dev.tenon.samples.embeddings.MiniLmFiles;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Batch;
import dev.tenon.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * The cost of fewer bits for the weights of all-MiniLM-L6-v2: the cosine between sentence embeddings and those of
 * float32. Sentences are those of the project's own pages. Calibration sees one half of them, and the other half
 * judges.
 */
@Tag("exhaustive")
@Tag("models")
class MiniLmWeightsTest {
    /** Computing in float16 is slow, so fewer sentences judge it. */
    private static final int FEW = 20;

    private final Model model;
    private final Tokenizer tokenizer;
    private final List<String> calibration = new ArrayList<>();
    private final List<String> judged = new ArrayList<>();
    private final float[][] expected;

    MiniLmWeightsTest() throws IOException {
        MiniLmFiles files = MiniLmFiles.of(MiniLmFiles.NAME);
        model = Model.load(files.model());
        tokenizer = files.loadTokenizer();
        List<String> sentences = PageSentences.read();
        for (int i = 0; i < sentences.size(); i++) {
            (i % 2 == 0 ? calibration : judged).add(sentences.get(i));
        }
        expected = embeddings(model, judged.size());
    }

    private float[][] embeddings(Model of, int count) {
        TextEmbedder embedder = TextEmbedder.of(of.session(), tokenizer, Pooling.MEAN);
        float[][] embeddings = new float[count][];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = embedder.embed(judged.get(i));
        }
        return embeddings;
    }

    private Model compressed(Step step) {
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (String sentence : calibration) {
            Batch batch = tokenizer.encodeBatch(List.of(sentence));
            calls.add(Map.of(
                    "input_ids", Tensor.wrap(batch.ids(), batch.shape()),
                    "attention_mask", Tensor.wrap(batch.attentionMask(), batch.shape()),
                    "token_type_ids", Tensor.wrap(batch.typeIds(), batch.shape())));
        }
        return step.apply(model, StepContext.of(Samples.of(calls).bind(model.inputs()), 0));
    }

    private double cosine(Model of) {
        return cosine(of, judged.size());
    }

    private double cosine(Model of, int count) {
        float[][] found = embeddings(of, count);
        double sum = 0;
        for (int i = 0; i < found.length; i++) {
            sum += dot(found[i], expected[i]);
        }
        return sum / found.length;
    }

    private double ratio(Model of) {
        return (double) ModelSize.bytes(of) / ModelSize.bytes(model);
    }

    @Test
    void gptqOfFourBitsLosesLittle(TestReporter reporter) {
        Model nearest = compressed(QuantizeWeights.int4().rounding(BlockRounding.NEAREST));
        Model gptq = compressed(QuantizeWeights.int4().rounding(BlockRounding.GPTQ));
        double plain = cosine(nearest);
        double cosine = cosine(gptq);
        reporter.publishEntry("cosine of rounding to nearest", Double.toString(plain));
        reporter.publishEntry("cosine of GPTQ", Double.toString(cosine));
        assertThat(ratio(gptq)).isLessThanOrEqualTo(0.17).isEqualTo(ratio(nearest));
        assertThat(1 - cosine).isLessThanOrEqualTo(0.65 * (1 - plain));
        assertThat(cosine).isGreaterThanOrEqualTo(0.98);
    }

    @Test
    void sixteenBitsTakeHalfTheBytes(TestReporter reporter) {
        for (Step step : List.of(Float16.step(), Float16.weights(), BFloat16.weights())) {
            Model found = compressed(step);
            double cosine = cosine(found, FEW);
            reporter.publishEntry("cosine of " + step.name(), Double.toString(cosine));
            assertThat(ratio(found)).as(step.name()).isLessThan(0.502);
            assertThat(cosine).as(step.name()).isGreaterThan(step.name().equals("bfloat16") ? 0.9999 : 0.99999);
        }
    }

    /** All products with activations in 8 bits, smoothed by the calibration. */
    @Test
    void dynamicInt8KeepsMeaning(TestReporter reporter) {
        Model found = compressed(Quantize.dynamicInt8().smoothIfCalibrated());
        double cosine = cosine(found);
        double apart = pairsApart(embeddings(found, judged.size()));
        reporter.publishEntry("cosine of dynamic INT8", cosine + ", pairs apart by " + apart);
        assertThat(ratio(found)).isLessThanOrEqualTo(0.26);
        assertThat(cosine).isGreaterThanOrEqualTo(0.993);
        assertThat(apart).isLessThanOrEqualTo(0.05);
    }

    /** The largest difference of the similarity of two sentences. */
    private double pairsApart(float[][] found) {
        double most = 0;
        for (int i = 0; i < found.length; i++) {
            for (int j = 0; j < i; j++) {
                double difference = dot(found[i], found[j]) - dot(expected[i], expected[j]);
                most = Math.max(most, Math.abs(difference));
            }
        }
        return most;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * (double) b[i];
        }
        return sum;
    }

    @Test
    void eightBitsTakeAQuarterOfTheBytes(TestReporter reporter) {
        Model found = compressed(QuantizeWeights.int8());
        double cosine = cosine(found);
        reporter.publishEntry("cosine of int8 weights", Double.toString(cosine));
        assertThat(ratio(found)).isLessThan(0.26);
        assertThat(cosine).isGreaterThan(0.999);
    }
}
