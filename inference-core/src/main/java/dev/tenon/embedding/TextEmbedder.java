package dev.tenon.embedding;

import dev.tenon.Session;
import dev.tenon.ValueInfo;
import dev.tenon.budget.JvmLimits;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.options.Settings;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.text.Batch;
import dev.tenon.text.Encoding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.file.EmbedderFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Turns texts into vectors, as the library sentence-transformers does with the same files: the tokenizer makes tokens of a
 * text, the model a vector for each token, and a {@link Pooling} one vector of these.
 *
 * <p>Texts of similar length run together; results are in the order of the texts. A text that is longer than the model takes
 * is cut, unless {@link #windows} is set. White space around a text does not count.
 *
 * <p>Immutable and safe for any number of threads, virtual ones too; each setter returns a new embedder that shares the
 * session. The session is made by the first call, so that bad files and settings are found before the model is
 * compiled. There is nothing to close.
 *
 * <pre>{@code
 * TextEmbedder embedder = TextEmbedder.load(Path.of("bge-small-en-v1.5"));
 * float[] vector = embedder.embed("A cat sleeps.");
 * Embeddings found = embedder.prompt("query").dimensions(256).embed(questions);
 * }</pre>
 */
public final class TextEmbedder {
    private static final List<String> TOKEN_OUTPUTS = List.of("last_hidden_state", "token_embeddings");
    private static final List<String> POOLED_OUTPUTS = List.of("sentence_embedding");

    /** As in PyTorch, a vector is divided by its length or by this, whichever is larger. */
    private static final double LEAST_LENGTH = 1e-12;

    /** The settings. They do not change once they are in an embedder. */
    private static final class Values extends Settings<Values> {
        /** Empty if the model gives a vector for a text. */
        Set<Pooling> poolings = EnumSet.noneOf(Pooling.class);

        boolean normalized = true;
        /** 0 for all. */
        int dimensions;
        /** The tokens that windows share; -1 if long texts are cut. */
        int overlap = -1;

        String prompt = "";
        boolean promptPooled = true;
        boolean lowerCase;
        boolean padded = true;
    }

    private final Encoder encoder;
    private final Map<String, String> prompts;
    private final Values settings;
    private final Tokenizer tokenizer;
    private final ValueInfo output;

    private TextEmbedder(Encoder encoder, Map<String, String> prompts, Values settings) {
        this.encoder = encoder;
        this.prompts = prompts;
        this.settings = settings;
        Tokenizer plain = encoder.tokenizer();
        this.tokenizer =
                settings.overlap < 0 ? plain : plain.with(plain.options().windows(settings.overlap));
        this.output = encoder.output(settings.poolings.isEmpty() ? POOLED_OUTPUTS : TOKEN_OUTPUTS);
        boolean known = output.type() instanceof TensorType type
                && (!type.dtype().isFloating()
                        || type.shape().hasRank() && !isRank(type.shape().rank()));
        if (known || !(output.type() instanceof TensorType)) {
            throw wrong(output.type());
        }
        checkDimensions(settings.dimensions, width());
    }

    private boolean isRank(int rank) {
        return rank == 2 || rank == 3 && !settings.poolings.isEmpty();
    }

    private RuntimeException wrong(Object found) {
        return Encoder.wrong(
                output.name(),
                found,
                settings.poolings.isEmpty()
                        ? "floats of [texts, numbers]"
                        : "floats of [texts, numbers] or [texts, tokens, numbers]",
                settings.poolings.isEmpty() ? "if it has a vector for each token, name the Pooling" : null);
    }

    /**
     * Loads an embedder with the standard options.
     *
     * @param folder the folder that has {@code modules.json}
     * @return the embedder
     * @throws dev.tenon.error.TenonException as {@link #load(Path, EncoderOptions)} says
     */
    public static TextEmbedder load(Path folder) {
        return load(folder, EncoderOptions.standard());
    }

    /**
     * Loads an embedder from the files that sentence-transformers saves: {@code modules.json}, the configuration of the
     * pooling, {@code tokenizer.json}, the model in the format ONNX; and, if they are there,
     * {@code config_sentence_transformers.json} for prompts, {@code sentence_bert_config.json},
     * {@code tokenizer_config.json} and {@code config.json} for the maximum length and the padding.
     *
     * @param folder the folder that has {@code modules.json}
     * @param options how to load and run it
     * @return the embedder
     * @throws dev.tenon.formats.ModelFileException if a file is missing or can't be read
     * @throws MalformedModelException if a file is not well-formed, or files contradict each other
     * @throws dev.tenon.formats.UnsupportedModelException if there is a pooling, a module, an input of the model or another
     *     feature that is not supported
     * @throws dev.tenon.error.ResourceLimitException if a file exceeds a limit
     * @throws InvalidOptionException if the maximum length is less than the number of special tokens
     */
    public static TextEmbedder load(Path folder, EncoderOptions options) {
        EmbedderFolder files = EmbedderFolder.read(
                folder, options.model(), Pooling.names(), options.loading().limits());
        Values settings = new Values();
        settings.normalized = files.normalized();
        settings.lowerCase = files.lowerCase();
        files.prompt().ifPresent(name -> settings.prompt = files.prompts().get(name));
        OptionalInt width = OptionalInt.empty();
        if (files.pooling().isPresent()) {
            EmbedderFolder.PoolingSettings pooling = files.pooling().get();
            settings.poolings = Pooling.of(pooling.modes());
            settings.promptPooled = pooling.withPrompt();
            width = pooling.width();
        }
        TextEmbedder embedder = new TextEmbedder(Encoder.load(files.encoder(), options), files.prompts(), settings);
        embedder.checkWidth(width);
        return embedder;
    }

    /** The configuration of the pooling states the numbers of a token, which is that of a text if the model pools. */
    private void checkWidth(OptionalInt stated) {
        OptionalInt found = lastDimension();
        if (stated.isPresent() && found.isPresent() && stated.getAsInt() != found.getAsInt()) {
            throw new MalformedModelException(
                    "dimension of the embedding in the configuration of the pooling",
                    String.valueOf(stated.getAsInt()),
                    found.getAsInt() + ", as output '" + output.name() + "' of the model has",
                    "check that the files of the folder belong together");
        }
    }

    /**
     * An embedder of a session and a tokenizer, whose vectors have length 1.
     *
     * @param session runs the model: its output {@code last_hidden_state} or {@code token_embeddings}, or else its first one,
     *     has a vector for each token
     * @param tokenizer the tokenizer that the model was trained with. Its maximum length holds, and
     *     {@link Tokenizer#paddingId} fills short rows
     * @param poolings how the model was trained to make one vector of the tokens'; several are put one after the other, in the
     *     order of {@link Pooling}. None if the model gives a vector for a text: its output {@code sentence_embedding},
     *     or else its first one
     * @return the embedder
     * @throws dev.tenon.formats.UnsupportedModelException if the model has other inputs than {@code input_ids},
     *     {@code attention_mask} and {@code token_type_ids}, or an output of another form
     */
    public static TextEmbedder of(Session session, Tokenizer tokenizer, Pooling... poolings) {
        Values settings = new Values();
        settings.poolings.addAll(List.of(poolings));
        return new TextEmbedder(Encoder.of(session, tokenizer), Map.of(), settings);
    }

    private TextEmbedder with(Consumer<Values> change) {
        return new TextEmbedder(encoder, prompts, settings.with(change));
    }

    /**
     * Sets the poolings, in the place of those of the folder.
     *
     * @param first a pooling
     * @param others more, whose vectors are put one after the other, in the order of {@link Pooling}
     * @return a new embedder
     */
    public TextEmbedder pooling(Pooling first, Pooling... others) {
        return with(s -> s.poolings = EnumSet.of(first, others));
    }

    /**
     * Sets whether vectors are scaled to length 1. The scalar product of two such vectors is their cosine.
     *
     * @param scaled whether they are
     * @return a new embedder
     */
    public TextEmbedder normalized(boolean scaled) {
        return with(s -> s.normalized = scaled);
    }

    /**
     * Sets how many numbers of a vector are kept, before it is scaled to length 1. It is for models that were trained so that
     * the first numbers say most (Kusupati et al., Matryoshka Representation Learning, 2022).
     *
     * @param count 1 to the dimensions of the model
     * @return a new embedder
     * @throws InvalidOptionException if the model has fewer dimensions
     */
    public TextEmbedder dimensions(int count) {
        if (count < 1) {
            throw tooMany(count, width());
        }
        return with(s -> s.dimensions = count);
    }

    private static void checkDimensions(int count, OptionalInt width) {
        if (width.isPresent() && count > width.getAsInt()) {
            throw tooMany(count, width);
        }
    }

    private static InvalidOptionException tooMany(int count, OptionalInt width) {
        return new InvalidOptionException(
                "TextEmbedder.dimensions",
                String.valueOf(count),
                width.isPresent() ? "1 to " + width.getAsInt() + ", the dimensions of the model" : "1 or more",
                null);
    }

    /**
     * Embeds all of a long text. It is cut into windows; the vectors of the windows are averaged by their number of tokens.
     *
     * @param overlap the tokens that a window shares with the next one, less than a window has
     * @return a new embedder
     * @throws InvalidOptionException if the number is negative
     */
    public TextEmbedder windows(int overlap) {
        if (overlap < 0) {
            throw new InvalidOptionException("TextEmbedder.windows", String.valueOf(overlap), "0 or more", null);
        }
        return with(s -> s.overlap = overlap);
    }

    /**
     * Puts a prompt of the folder before each text. Without a call, that is the default prompt of the folder, if it has one.
     *
     * @param name the name of the prompt, such as {@code query} or {@code document}
     * @return a new embedder
     * @throws InvalidOptionException if the folder has no such prompt
     */
    public TextEmbedder prompt(String name) {
        String text = prompts.get(Objects.requireNonNull(name, "name"));
        if (text == null) {
            throw new InvalidOptionException(
                    "TextEmbedder.prompt",
                    name,
                    prompts.isEmpty() ? "none, the folder has no prompts" : String.join(", ", prompts.keySet()),
                    "write the prompt before the texts yourself");
        }
        return with(s -> s.prompt = text);
    }

    /**
     * Puts no prompt before texts.
     *
     * @return a new embedder
     */
    public TextEmbedder noPrompt() {
        return with(s -> s.prompt = "");
    }

    /**
     * Sets whether texts of similar length run together, the shorter ones padded; they do otherwise unless the model has no
     * {@code attention_mask}. Without it, only texts of the same number of tokens run together. The vector of a text then
     * has the same bits whatever texts are beside it, if no operator of the model looks at all rows:
     * {@code docs/embeddings.md} says more.
     *
     * @param allowed whether texts are padded
     * @return a new embedder
     */
    public TextEmbedder padded(boolean allowed) {
        return with(s -> s.padded = allowed);
    }

    /** {@return the prompts of the folder by name, unmodifiable} */
    public Map<String, String> prompts() {
        return prompts;
    }

    /** {@return the poolings, in the order in which their vectors are put one after the other; empty if the model pools} */
    public Set<Pooling> poolings() {
        return EnumSet.copyOf(settings.poolings);
    }

    /** {@return the most tokens of a text, special tokens included; empty if there is no maximum} */
    public OptionalInt maxLength() {
        return tokenizer.maxLength();
    }

    /** {@return the length of a vector; empty if only a run of the model tells it} */
    public OptionalInt dimensions() {
        return settings.dimensions > 0 ? OptionalInt.of(settings.dimensions) : width();
    }

    /** The numbers of a vector before it is cut, if the type of the output has them. */
    private OptionalInt width() {
        OptionalInt last = lastDimension();
        boolean ranked =
                output.type() instanceof TensorType type && type.shape().hasRank();
        if (last.isEmpty() || !ranked) {
            return OptionalInt.empty();
        }
        int rank = ((TensorType) output.type()).shape().rank();
        return rank == 2 ? last : OptionalInt.of(last.getAsInt() * settings.poolings.size());
    }

    private OptionalInt lastDimension() {
        if (!(output.type() instanceof TensorType type) || !type.shape().hasRank()) {
            return OptionalInt.empty();
        }
        Dim last = type.shape().dim(-1);
        return last.isKnown() ? OptionalInt.of(Math.toIntExact(last.value())) : OptionalInt.empty();
    }

    /**
     * Embeds a text.
     *
     * @param text the text, which may be empty
     * @return its vector
     * @throws dev.tenon.error.TenonException as {@link #embed(List)} says
     */
    public float[] embed(String text) {
        return embed(List.of(Objects.requireNonNull(text, "text"))).vectors().getFirst();
    }

    /**
     * Embeds texts.
     *
     * @param texts the texts, none null; they may be empty
     * @return their vectors
     * @throws dev.tenon.error.InvalidInputException if a text is null or too long for the tokenizer, or has no tokens
     * @throws InvalidOptionException if the vectors have fewer numbers than {@link #dimensions(int)} asks for, and only the
     *     run has told so
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Embeddings embed(List<String> texts) {
        return embed(texts, new Encoder.Manner(settings.padded, null));
    }

    /**
     * Embeds texts, unless a condition ends the call before.
     *
     * @param texts as for {@link #embed(List)}
     * @param stop as for {@link Session#predict(Map, BooleanSupplier)}
     * @return their vectors
     * @throws dev.tenon.error.InterruptedPredictionException if the condition ended the call
     * @throws dev.tenon.error.TenonException as {@link #embed(List)}
     */
    public Embeddings embed(List<String> texts, BooleanSupplier stop) {
        return embed(texts, new Encoder.Manner(settings.padded, Objects.requireNonNull(stop, "stop")));
    }

    private Embeddings embed(List<String> texts, Encoder.Manner manner) {
        Objects.requireNonNull(texts, "texts");
        return JvmLimits.typed(
                "embeddings of " + texts.size() + " texts",
                "embed fewer texts at a time, or raise -Xmx",
                () -> new Run(texts).embed(manner));
    }

    /** One call. */
    private final class Run {
        private final List<Encoding> rows = new ArrayList<>();
        private final List<Integer> textOf = new ArrayList<>();
        /** The sum over the windows of a text. */
        private final double[][] sums;

        private final double[] weights;
        private final int promptTokens = promptTokens();
        private int tokens;

        private Run(List<String> texts) {
            this.sums = new double[texts.size()][];
            this.weights = new double[texts.size()];
            for (int i = 0; i < texts.size(); i++) {
                for (Encoding window : Encoder.windows(tokenizer.encode(prepared(texts.get(i))), i)) {
                    rows.add(window);
                    textOf.add(i);
                    tokens += ofText(window);
                }
            }
        }

        private Embeddings embed(Encoder.Manner manner) {
            encoder.run(rows, manner, output.name(), this::add);
            List<float[]> vectors = new ArrayList<>(sums.length);
            for (int i = 0; i < sums.length; i++) {
                vectors.add(finished(sums[i], weights[i]));
            }
            return new Embeddings(vectors, tokens);
        }

        private void add(int[] taken, Batch batch, Tensor found) {
            int rank = found.rank();
            if (!isRank(rank) || found.dim(0) != taken.length || rank == 3 && found.dim(1) != batch.tokens()) {
                throw wrong(found.type());
            }
            int width = Math.toIntExact(found.dim(rank - 1));
            float[] states = found.toFloatArray();
            for (int i = 0; i < taken.length; i++) {
                Encoding row = rows.get(taken[i]);
                double[] vector = new double[rank == 2 ? width : width * settings.poolings.size()];
                if (rank == 2) {
                    Pooling.CLS.pool(new Pooling.Row(states, i * width, width, 0, 1), vector, 0);
                } else {
                    int start = i * batch.tokens() * width;
                    pool(new Pooling.Row(states, start, width, first(taken[i]), row.length()), vector);
                }
                add(textOf.get(taken[i]), vector, Math.max(1, ofText(row)));
            }
        }

        private void pool(Pooling.Row row, double[] vector) {
            int at = 0;
            for (Pooling pooling : settings.poolings) {
                pooling.pool(row, vector, at);
                at += row.width();
            }
        }

        /** The first token of a row that counts. Only the first window of a text has a prompt. */
        private int first(int row) {
            boolean later = row > 0 && textOf.get(row - 1).equals(textOf.get(row));
            return later ? 0 : Math.min(promptTokens, rows.get(row).length());
        }

        private void add(int text, double[] vector, int weight) {
            if (sums[text] == null) {
                sums[text] = new double[vector.length];
            }
            for (int i = 0; i < vector.length; i++) {
                sums[text][i] += vector[i] * weight;
            }
            weights[text] += weight;
        }
    }

    private float[] finished(double[] sum, double weight) {
        checkDimensions(settings.dimensions, OptionalInt.of(sum.length));
        int count = settings.dimensions > 0 ? settings.dimensions : sum.length;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            sum[i] /= weight;
            squares += sum[i] * sum[i];
        }
        double length = settings.normalized ? Math.max(Math.sqrt(squares), LEAST_LENGTH) : 1;
        float[] vector = new float[count];
        for (int i = 0; i < count; i++) {
            vector[i] = (float) (sum[i] / length);
        }
        return vector;
    }

    /** The tokens of a row that are part of its text. */
    private static int ofText(Encoding row) {
        int count = 0;
        for (int i = 0; i < row.length(); i++) {
            count += row.sequence(i) == Encoding.NONE ? 0 : 1;
        }
        return count;
    }

    /** The tokens of the prompt that do not count, the special ones before it included; 0 if all count. */
    private int promptTokens() {
        if (settings.promptPooled || settings.prompt.isEmpty()) {
            return 0;
        }
        Encoding row = encoder.tokenizer().encode(cleaned(settings.prompt));
        int last = row.length() - 1;
        return last >= 0 && row.sequence(last) == Encoding.NONE ? last : last + 1;
    }

    private String prepared(String text) {
        return text == null ? null : cleaned(settings.prompt + text);
    }

    private String cleaned(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        String stripped = text.substring(from, to);
        return settings.lowerCase ? stripped.toLowerCase(Locale.ROOT) : stripped;
    }

    /** White space as Python's {@code str.strip} knows it. */
    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
