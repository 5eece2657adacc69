package dev.tenon.embedding;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidInputException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.text.Batch;
import dev.tenon.text.Encoding;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import dev.tenon.text.file.EncoderFolder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * A model of tokens with its tokenizer. Runs any number of rows of any length: rows of similar length run together, so that
 * little is computed for padding. The session is made by the first call. Safe for any number of threads.
 */
final class Encoder {
    /** A row of this many tokens runs alone; shorter rows are put together up to it. */
    private static final int TOKENS_OF_A_RUN = 1024;

    private static final int MAX_ROWS = 64;

    /** Rows run together if the longest has at most this many tokens more than the shortest, or a quarter more. */
    private static final int MORE_TOKENS = 8;

    private static final int PART_MORE = 4;
    private static final String MASK = "attention_mask";
    private static final Set<String> INPUTS = Set.of("input_ids", MASK, "token_type_ids");

    private final Model model;
    private final SessionOptions options;
    private final Tokenizer tokenizer;
    private final int paddingId;
    private final List<String> inputs;

    /** Null until the first call. */
    private Session session;

    private Encoder(Model model, SessionOptions options, Tokenizer tokenizer, int paddingId) {
        this.model = model;
        this.options = options;
        this.tokenizer = tokenizer;
        this.paddingId = paddingId;
        this.inputs = model.inputs().stream().map(ValueInfo::name).toList();
        model.inputs().forEach(Encoder::check);
        if (!inputs.contains("input_ids")) {
            throw new UnsupportedModelException(
                    "inputs of the model",
                    String.join(", ", inputs),
                    "input_ids among them",
                    "export it from transformers");
        }
    }

    static Encoder of(Session session, Tokenizer tokenizer) {
        Tokenizer plain = tokenizer.with(tokenizer.options().padding(Padding.none()));
        Encoder encoder = new Encoder(session.model(), session.options(), plain, tokenizer.paddingId());
        encoder.session = session;
        return encoder;
    }

    static Encoder load(EncoderFolder files, EncoderOptions options) {
        TokenizerOptions plain =
                TokenizerOptions.standard().limits(options.loading().limits()).padding(Padding.none());
        OptionalInt most = options.maxLength().isPresent() ? options.maxLength() : files.maxLength();
        Tokenizer tokenizer =
                Tokenizer.load(files.tokenizer(), most.isPresent() ? plain.maxLength(most.getAsInt()) : plain);
        int padding = files.paddingToken()
                .map(tokenizer::id)
                .filter(OptionalInt::isPresent)
                .map(OptionalInt::getAsInt)
                .orElse(tokenizer.paddingId());
        return new Encoder(Model.load(files.model(), options.loading()), options.session(), tokenizer, padding);
    }

    private static void check(ValueInfo input) {
        boolean known = INPUTS.contains(input.name());
        boolean open = input.type() instanceof TensorType type
                && type.dtype() == DType.INT64
                && (!type.shape().hasRank()
                        || type.shape().rank() == 2
                                && type.shape().dims().stream().noneMatch(dim -> dim.isKnown()));
        if (!known || !open) {
            throw new UnsupportedModelException(
                    "input '" + input.name() + "' of the model",
                    String.valueOf(input.type()),
                    "input_ids, attention_mask and token_type_ids of i64, with open numbers of rows and tokens",
                    "export the model so, or call Session.predict with inputs of your own");
        }
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The first output that has one of the names, or else the first of all. */
    ValueInfo output(List<String> names) {
        List<ValueInfo> outputs = model.outputs();
        return outputs.stream()
                .filter(output -> names.contains(output.name()))
                .findFirst()
                .orElse(outputs.getFirst());
    }

    private synchronized Session session() {
        if (session == null) {
            session = model.session(options);
        }
        return session;
    }

    /** The tokens of a text, and the windows after the first if it was cut into several. */
    static List<Encoding> windows(Encoding row, int text) {
        if (row.length() == 0) {
            throw new InvalidInputException(
                    "text " + text, "no tokens", "at least one token", "leave empty texts out for this tokenizer");
        }
        List<Encoding> all = new ArrayList<>();
        all.add(row);
        all.addAll(row.overflowing());
        return all;
    }

    /** Is given the rows that ran together. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes a run.
         *
         * @param rows the numbers of the rows, in the order of the batch
         * @param batch the rows
         * @param output the output of the model
         */
        void take(int[] rows, Batch batch, Tensor output);
    }

    /** How rows run: whether short ones are padded, and the condition that ends a call, or null. */
    record Manner(boolean padded, BooleanSupplier stop) {}

    /** Runs rows without padding. The sink gets each once, in any order, on the thread of the caller. */
    void run(List<Encoding> rows, Manner manner, String output, Sink to) {
        List<Integer> order = IntStream.range(0, rows.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> rows.get(i).length()))
                .toList();
        boolean padded = manner.padded && inputs.contains(MASK);
        int from = 0;
        while (from < order.size()) {
            int shortest = rows.get(order.get(from)).length();
            int longest = padded ? shortest + Math.max(MORE_TOKENS, shortest / PART_MORE) : shortest;
            int end = from + 1;
            while (end < order.size()
                    && end - from < MAX_ROWS
                    && rows.get(order.get(end)).length() <= longest
                    && (end - from + 1L) * rows.get(order.get(end)).length() <= TOKENS_OF_A_RUN) {
                end++;
            }
            int[] taken = order.subList(from, end).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            Batch batch = Batch.padded(IntStream.of(taken).mapToObj(rows::get).toList(), paddingId);
            Map<String, Tensor> values = batch.tensors(inputs);
            to.take(
                    taken,
                    batch,
                    (manner.stop == null ? session().predict(values) : session().predict(values, manner.stop))
                            .tensor(output));
            from = end;
        }
    }

    /** The exception for an output that has another shape than is needed. */
    static UnsupportedModelException wrong(String output, Object found, String allowed, String cure) {
        return new UnsupportedModelException(
                "output '" + output + "' of the model", String.valueOf(found), allowed, cure);
    }
}
