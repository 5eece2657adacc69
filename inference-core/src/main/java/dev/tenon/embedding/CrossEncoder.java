package dev.tenon.embedding;

import dev.tenon.Session;
import dev.tenon.ValueInfo;
import dev.tenon.budget.JvmLimits;
import dev.tenon.error.InvalidInputException;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.text.Encoding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.file.CrossEncoderFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/**
 * Says how well texts fit a query: the model reads query and text together and gives one number, as the class
 * {@code CrossEncoder} of the library sentence-transformers does with the same files. It is slower than comparing the vectors of
 * a {@link TextEmbedder}, and better: it reranks the texts that those have found.
 *
 * <p>Pairs of similar length run together; results are in the order of the texts. Of a pair that is longer than the model
 * takes, the longer text is cut. Immutable and safe for any number of threads, virtual ones too; each setter returns a new
 * object that shares the session. The session is made by the first call. There is nothing to close.
 *
 * <pre>{@code
 * CrossEncoder reranker = CrossEncoder.load(Path.of("ms-marco-MiniLM-L6-v2"));
 * List<Double> scores = reranker.score("How do swans eat?", texts).values();
 * }</pre>
 */
public final class CrossEncoder {
    private static final String ONE_LABEL = "floats of [pairs, 1]";
    private static final String OTHERS = "call Session.predict with Tokenizer.encode(first, second) for other models";

    private final Encoder encoder;
    private final boolean sigmoid;
    private final boolean padded;
    private final ValueInfo output;

    private CrossEncoder(Encoder encoder, boolean sigmoid, boolean padded) {
        this.encoder = encoder;
        this.sigmoid = sigmoid;
        this.padded = padded;
        this.output = encoder.output(List.of("logits"));
        if (!(output.type() instanceof TensorType type) || !type.dtype().isFloating() || !isOneLabel(type.shape())) {
            throw Encoder.wrong(output.name(), output.type(), ONE_LABEL, OTHERS);
        }
    }

    private static boolean isOneLabel(Shape shape) {
        return !shape.hasRank()
                || shape.rank() == 1
                || shape.rank() == 2 && shape.dim(1).orElse(1) == 1;
    }

    /**
     * Loads a cross-encoder with the standard options.
     *
     * @param folder the folder that has {@code config.json}
     * @return the cross-encoder
     * @throws dev.tenon.error.TenonException as {@link #load(Path, EncoderOptions)} says
     */
    public static CrossEncoder load(Path folder) {
        return load(folder, EncoderOptions.standard());
    }

    /**
     * Loads a cross-encoder from the files that sentence-transformers saves: {@code config.json}, {@code tokenizer.json}, the
     * model in the format ONNX, and {@code tokenizer_config.json} if it is there.
     *
     * @param folder the folder that has {@code config.json}
     * @param options how to load and run it
     * @return the cross-encoder
     * @throws dev.tenon.formats.ModelFileException if a file is missing or can't be read
     * @throws dev.tenon.formats.MalformedModelException if a file is not well-formed
     * @throws dev.tenon.formats.UnsupportedModelException if the model gives several numbers for a pair, or has another
     *     feature that is not supported
     * @throws dev.tenon.error.ResourceLimitException if a file exceeds a limit
     * @throws dev.tenon.error.InvalidOptionException if the maximum length is less than the number of special tokens
     */
    public static CrossEncoder load(Path folder, EncoderOptions options) {
        CrossEncoderFolder files = CrossEncoderFolder.read(
                folder, options.model(), options.loading().limits());
        return new CrossEncoder(Encoder.load(files.encoder(), options), files.sigmoid(), true);
    }

    /**
     * A cross-encoder of a session and a tokenizer. Scores are sigmoids.
     *
     * @param session runs the model, whose output {@code logits}, or else its first one, is a number for each pair
     * @param tokenizer the tokenizer that the model was trained with. Its maximum length holds, and
     *     {@link Tokenizer#paddingId} fills short rows
     * @return the cross-encoder
     * @throws dev.tenon.formats.UnsupportedModelException if the model has other inputs than {@code input_ids},
     *     {@code attention_mask} and {@code token_type_ids}, or gives several numbers for a pair
     */
    public static CrossEncoder of(Session session, Tokenizer tokenizer) {
        return new CrossEncoder(Encoder.of(session, tokenizer), true, true);
    }

    /**
     * Sets whether a score is the sigmoid of the number that the model gives, {@code 1 / (1 + exp(-x))}, or that number. The
     * order of texts is the same, but for numbers whose sigmoids are rounded to 0 or 1.
     *
     * @param applied whether it is the sigmoid
     * @return a new cross-encoder
     */
    public CrossEncoder sigmoid(boolean applied) {
        return new CrossEncoder(encoder, applied, padded);
    }

    /**
     * Sets whether pairs of similar length run together, as {@link TextEmbedder#padded} says.
     *
     * @param allowed whether pairs are padded
     * @return a new cross-encoder
     */
    public CrossEncoder padded(boolean allowed) {
        return new CrossEncoder(encoder, sigmoid, allowed);
    }

    /** {@return whether a score is the sigmoid of the number that the model gives} */
    public boolean isSigmoid() {
        return sigmoid;
    }

    /** {@return the most tokens of a pair, special tokens included; empty if there is no maximum} */
    public OptionalInt maxLength() {
        return encoder.tokenizer().maxLength();
    }

    /**
     * Scores a text.
     *
     * @param query the query
     * @param text the text
     * @return the score: the higher, the better the text fits the query
     * @throws dev.tenon.error.TenonException as {@link #score(String, List)} says
     */
    public double score(String query, String text) {
        return score(query, List.of(Objects.requireNonNull(text, "text")))
                .values()
                .getFirst();
    }

    /**
     * Scores texts.
     *
     * @param query the query
     * @param texts the texts, none null
     * @return their scores
     * @throws InvalidInputException if a text is null or too long for the tokenizer, or a pair has no tokens
     * @throws dev.tenon.error.InvalidOptionException if the maximum length is less than the number of special tokens of a
     *     pair
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Scores score(String query, List<String> texts) {
        return score(query, texts, new Encoder.Manner(padded, null));
    }

    /**
     * Scores texts, unless a condition ends the call before.
     *
     * @param query the query
     * @param texts as for {@link #score(String, List)}
     * @param stop as for {@link Session#predict(Map, BooleanSupplier)}
     * @return their scores
     * @throws dev.tenon.error.InterruptedPredictionException if the condition ended the call
     * @throws dev.tenon.error.TenonException as {@link #score(String, List)}
     */
    public Scores score(String query, List<String> texts, BooleanSupplier stop) {
        return score(query, texts, new Encoder.Manner(padded, Objects.requireNonNull(stop, "stop")));
    }

    private Scores score(String query, List<String> texts, Encoder.Manner manner) {
        Objects.requireNonNull(query, "query");
        Objects.requireNonNull(texts, "texts");
        return JvmLimits.typed(
                "scores of " + texts.size() + " texts",
                "score fewer texts at a time, or raise -Xmx",
                () -> scored(query, texts, manner));
    }

    private Scores scored(String query, List<String> texts, Encoder.Manner manner) {
        List<Encoding> pairs = new ArrayList<>(texts.size());
        int tokens = 0;
        for (int i = 0; i < texts.size(); i++) {
            Encoding pair = Encoder.windows(encoder.tokenizer().encode(query, texts.get(i)), i)
                    .getFirst();
            pairs.add(pair);
            tokens += pair.length();
        }
        List<Double> scores = new ArrayList<>(Collections.nCopies(pairs.size(), Double.NaN));
        encoder.run(pairs, manner, output.name(), (taken, batch, found) -> {
            check(found, taken.length);
            for (int i = 0; i < taken.length; i++) {
                double logit = found.getDouble(i);
                scores.set(taken[i], sigmoid ? 1 / (1 + Math.exp(-logit)) : logit);
            }
        });
        return new Scores(scores, tokens);
    }

    private void check(Tensor found, int pairs) {
        if (!isOneLabel(found.type().shape()) || found.size() != pairs) {
            throw Encoder.wrong(output.name(), found.type(), ONE_LABEL, OTHERS);
        }
    }
}
