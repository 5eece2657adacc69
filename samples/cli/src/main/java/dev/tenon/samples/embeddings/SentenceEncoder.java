package dev.tenon.samples.embeddings;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Batch;
import dev.tenon.text.Tokenizer;
import java.util.List;

/**
 * Turns sentences into vectors of length 1. A vector is the mean of the hidden states of all tokens of a sentence,
 * scaled to length 1; the model was trained for this (Reimers and Gurevych, Sentence-BERT, 2019). Safe for any number
 * of threads.
 */
public final class SentenceEncoder {
    /** The most tokens of a sentence. The rest of a longer sentence is cut off. */
    public static final int MAX_TOKENS = 256;

    private final Session session;
    private final List<String> inputs;
    private final Tokenizer tokenizer;

    /**
     * Makes an encoder.
     *
     * @param model a BERT with inputs input_ids, attention_mask, token_type_ids and output last_hidden_state
     * @param tokenizer the tokenizer that the model was trained with
     */
    public SentenceEncoder(Model model, Tokenizer tokenizer) {
        this.session = model.session();
        this.inputs = model.inputs().stream().map(ValueInfo::name).toList();
        this.tokenizer = tokenizer;
    }

    /**
     * Encodes sentences in one batch.
     *
     * @param sentences at least one sentence
     * @return a vector of length 1 for each
     */
    public float[][] encode(List<String> sentences) {
        Batch batch = tokenizer.encodeBatch(sentences);
        Tensor hidden = session.predict(batch.tensors(inputs)).tensor("last_hidden_state");
        return meanPool(hidden.toFloatArray(), batch, (int) hidden.dim(2));
    }

    private static float[][] meanPool(float[] hidden, Batch batch, int width) {
        float[][] vectors = new float[batch.size()][width];
        for (int row = 0; row < batch.size(); row++) {
            double[] sum = new double[width];
            for (int token = 0; token < batch.tokens(); token++) {
                int at = row * batch.tokens() + token;
                if (batch.attentionMask()[at] != 0) {
                    for (int i = 0; i < width; i++) {
                        sum[i] += hidden[at * width + i];
                    }
                }
            }
            double squares = 0;
            for (double x : sum) {
                squares += x * x;
            }
            double length = Math.max(Math.sqrt(squares), Double.MIN_NORMAL);
            for (int i = 0; i < width; i++) {
                vectors[row][i] = (float) (sum[i] / length);
            }
        }
        return vectors;
    }
}
