package dev.tenon.samples.embeddings;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Batch;
import dev.tenon.text.Encoding;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns any number of texts of any length into vectors of length 1: the engine of the embedding models of LangChain4j and
 * Spring AI. A vector is the mean of the hidden states of all tokens (Reimers and Gurevych, Sentence-BERT, 2019). A text that
 * is longer than a row of the model is cut into rows, whose means count by their number of tokens. Safe for any number of
 * threads.
 */
public final class TextEmbedder {
    private final Tokenizer tokenizer;
    private final TokenRows rows;

    /**
     * Makes an embedder.
     *
     * @param session a session of a BERT, whose first output has a vector for each token
     * @param tokenizer the tokenizer that the model was trained with
     * @param maxTokens the most tokens of a row, special tokens included
     */
    public TextEmbedder(Session session, Tokenizer tokenizer, int maxTokens) {
        this.tokenizer = tokenizer.with(
                TokenizerOptions.standard().maxLength(maxTokens).windows(0).padding(Padding.none()));
        this.rows = new TokenRows(session);
    }

    /**
     * Loads a model and its tokenizer.
     *
     * @param model the file of the model
     * @param tokenizer the file tokenizer.json
     * @param maxTokens the most tokens of a row, special tokens included
     * @return an embedder
     */
    public static TextEmbedder load(Path model, Path tokenizer, int maxTokens) {
        return new TextEmbedder(Model.load(model).session(), Tokenizer.load(tokenizer), maxTokens);
    }

    /**
     * Vectors of texts.
     *
     * @param vectors a vector of length 1 for each text
     * @param tokens the tokens of all texts, without special tokens
     */
    public record Embedded(List<float[]> vectors, int tokens) {}

    /**
     * Embeds texts.
     *
     * @param texts the texts
     * @return their vectors, in the order of the texts
     */
    public Embedded embed(List<String> texts) {
        List<Encoding> windows = new ArrayList<>();
        List<Integer> textOf = new ArrayList<>();
        int tokens = 0;
        for (int i = 0; i < texts.size(); i++) {
            for (Encoding window : TokenRows.windows(tokenizer.encode(texts.get(i)))) {
                windows.add(window);
                textOf.add(i);
                tokens += plain(window);
            }
        }
        double[][] sums = new double[texts.size()][];
        rows.run(windows, (taken, batch, hidden) -> {
            float[] states = hidden.toFloatArray();
            for (int i = 0; i < taken.length; i++) {
                Encoding window = windows.get(taken[i]);
                int text = textOf.get(taken[i]);
                sums[text] = plus(sums[text], mean(states, hidden, batch, i), plain(window));
            }
        });
        List<float[]> vectors = new ArrayList<>();
        for (double[] sum : sums) {
            vectors.add(scaled(sum));
        }
        return new Embedded(vectors, tokens);
    }

    /** The tokens of a window that are part of its text. */
    private static int plain(Encoding window) {
        int count = 0;
        for (int i = 0; i < window.length(); i++) {
            count += window.sequence(i) == Encoding.NONE ? 0 : 1;
        }
        return count;
    }

    private static double[] mean(float[] states, Tensor hidden, Batch batch, int row) {
        int width = Math.toIntExact(hidden.dim(2));
        double[] sum = new double[width];
        int count = 0;
        for (int token = 0; token < batch.tokens(); token++) {
            int at = row * batch.tokens() + token;
            if (batch.attentionMask()[at] != 0) {
                count++;
                for (int i = 0; i < width; i++) {
                    sum[i] += states[at * width + i];
                }
            }
        }
        for (int i = 0; i < width; i++) {
            sum[i] /= count;
        }
        return sum;
    }

    /** A text without tokens counts as if it had one. */
    private static double[] plus(double[] sum, double[] mean, int tokens) {
        double[] to = sum == null ? new double[mean.length] : sum;
        for (int i = 0; i < mean.length; i++) {
            to[i] += mean[i] * Math.max(1, tokens);
        }
        return to;
    }

    private static float[] scaled(double[] sum) {
        double squares = 0;
        for (double x : sum) {
            squares += x * x;
        }
        double length = Math.max(Math.sqrt(squares), Double.MIN_NORMAL);
        float[] vector = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            vector[i] = (float) (sum[i] / length);
        }
        return vector;
    }
}
