package dev.tenon.generation.cache;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.PagedCaches;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.plan.SessionMemory;
import dev.tenon.serving.Call;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A session of a decoder whose keys and values stand in pages of native memory, which are states of the session: a step writes
 * its own tokens and copies nothing.
 *
 * <p>Numbers of tokens are padded, so that some thirty plans serve all steps: exact up to {@link #EXACT_TOKENS}, above them powers
 * of two and the numbers half way between. A padded token is at position 0 of a sequence of its own, in page 0. The number of rows
 * whose logits are computed is that of all tokens in a small step, and otherwise one, that of all sequences, or that of all tokens.
 */
public final class PagedDecoder implements DecoderSteps {
    /** Steps of up to so many tokens are not padded. */
    static final int EXACT_TOKENS = 16;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int PAGE = PagedAttention.PAGE_TOKENS;

    /** A part of the names of inputs that are pages. */
    private static final String PAGES = "_pages.";

    /**
     * The sizes of a decoder.
     *
     * @param pages the number of pages, page 0 among them, at least 2
     * @param sequences the most sequences in a step, at least 1
     * @param contextTokens the most tokens of a sequence, at least 1
     * @param numbers the element type of pages: float32, or float16, to which keys and values are rounded
     */
    public record Sizes(int pages, int sequences, int contextTokens, DType numbers) {
        /**
         * Sizes.
         *
         * @param pages the number of pages
         * @param sequences the most sequences in a step
         * @param contextTokens the most tokens of a sequence
         * @param numbers the element type of pages
         * @throws InvalidOptionException if a number is too small, or the type is neither float32 nor float16
         */
        public Sizes {
            boolean known = numbers == DType.FLOAT32 || numbers == DType.FLOAT16;
            if (pages < 2 || sequences < 1 || contextTokens < 1 || sequences == Integer.MAX_VALUE || !known) {
                throw new InvalidOptionException(
                        "PagedDecoder.Sizes",
                        pages + " pages of " + numbers + ", " + sequences + " sequences, " + contextTokens
                                + " tokens of context",
                        "at least 2 pages of float32 or float16, 1 sequence and 1 token",
                        null);
            }
        }

        /**
         * Sizes of pages of float32.
         *
         * @param pages the number of pages
         * @param sequences the most sequences in a step
         * @param contextTokens the most tokens of a sequence
         * @throws InvalidOptionException if a number is too small
         */
        public Sizes(int pages, int sequences, int contextTokens) {
            this(pages, sequences, contextTokens, DType.FLOAT32);
        }

        private int columns() {
            return Math.ceilDiv(contextTokens, PAGE);
        }
    }

    /** The tensors of steps of one number of tokens and rows. */
    private record Shaped(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        Tensor input(String name) {
            return inputs.get(name);
        }
    }

    private final String name;
    private final Sizes sizes;
    private final Session session;
    private final int vocabulary;
    private final SessionMemory memory = new SessionMemory();
    private final Map<String, Tensor> states = new LinkedHashMap<>();
    private final Tensor table;

    /** By numbers of tokens and rows. */
    private final Map<List<Integer>, Shaped> shaped = new HashMap<>();

    /** Room for the logits of any step so far. */
    private MemorySegment room = MemorySegment.NULL;

    private boolean closed;

    private PagedDecoder(Model model, Sizes sizes, SessionOptions options, int vocabulary) {
        this.name = model.name();
        this.sizes = sizes;
        this.vocabulary = vocabulary;
        SessionOptions own = options;
        for (ValueInfo input : model.inputs()) {
            if (input.name().contains(PAGES)) {
                own = own.state(input.name(), "present_" + input.name());
            }
        }
        session = model.session(own);
        for (ValueInfo input : model.inputs()) {
            if (own.states().containsKey(input.name())) {
                long[] dims = ((TensorType) input.type()).shape().toArray();
                long bytes = sizes.numbers().byteSize(Math.multiplyExact(dims[0] * dims[1], PAGE * dims[3]));
                MemorySegment pages = memory.take("pages of '" + name + "'", bytes);
                states.put(input.name(), Tensor.of(sizes.numbers(), pages, dims));
            }
        }
        table = Tensor.allocateNative(DType.INT32, sizes.sequences() + 1L, sizes.columns());
    }

    /**
     * Makes a decoder.
     *
     * @param model a decoder with pairs of past and present, as {@link PagedCaches} describes it
     * @param sizes the sizes
     * @param options how the session runs
     * @return the decoder
     * @throws UnsupportedModelException if the model is no such decoder; it names the reason
     * @throws dev.tenon.error.ResourceLimitException if there is not enough memory
     */
    public static PagedDecoder of(Model model, Sizes sizes, SessionOptions options) {
        PagedCaches caches = PagedCaches.of(
                model.graph(),
                new PagedCaches.Sizes(sizes.pages(), sizes.sequences() + 1, sizes.columns(), sizes.numbers()));
        if (caches.reason() != null) {
            throw unsupported(model, caches.reason());
        }
        Model paged = model.withGraph(caches.graph());
        Dim tokens = ((TensorType) paged.outputs().getFirst().type()).shape().dim(-1);
        if (!tokens.isKnown() || tokens.value() > Integer.MAX_VALUE) {
            throw unsupported(model, "the number of its tokens is " + tokens);
        }
        return new PagedDecoder(paged, sizes, options, (int) tokens.value());
    }

    /**
     * How much memory a page takes.
     *
     * @param model a decoder as {@link #of} takes it
     * @param numbers the element type of pages
     * @return the bytes of one page of all layers
     * @throws UnsupportedModelException if the model is no such decoder; it names the reason
     */
    public static long pageBytes(Model model, DType numbers) {
        PagedCaches caches = PagedCaches.of(model.graph(), new PagedCaches.Sizes(2, 2, 1, numbers));
        if (caches.reason() != null) {
            throw unsupported(model, caches.reason());
        }
        long bytes = 0;
        for (Value input : caches.graph().inputs()) {
            if (input.name().contains(PAGES)) {
                long[] dims = ((TensorType) input.type()).shape().toArray();
                bytes += numbers.byteSize(Math.multiplyExact(dims[1], PAGE * dims[3]));
            }
        }
        return bytes;
    }

    private static UnsupportedModelException unsupported(Model model, String reason) {
        return new UnsupportedModelException(
                "model '" + model.name() + "' with a cache in pages",
                reason,
                "decoders with input_ids, attention_mask, position_ids, and pairs of past and present",
                "run it by predict");
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public int contextTokens() {
        return sizes.contextTokens();
    }

    @Override
    public int maxSequences() {
        return sizes.sequences();
    }

    @Override
    public int pages() {
        return sizes.pages();
    }

    @Override
    public int pageTokens() {
        return PAGE;
    }

    Session session() {
        return session;
    }

    /** The tensors of a page, by the names of the states, for tests. */
    Map<String, Tensor> states() {
        return states;
    }

    /**
     * How many tokens a step computes.
     *
     * @param count the tokens that it has, at least 1
     * @return the number, at least {@code count}
     */
    static int padded(int count) {
        if (count <= EXACT_TOKENS) {
            return count;
        }
        int power = Integer.highestOneBit(count - 1);
        return count <= power + power / 2 ? power + power / 2 : 2 * power;
    }

    /**
     * How many rows of logits a step computes.
     *
     * @param tokens the tokens that it computes
     * @param rows the rows that are asked for
     */
    int paddedRows(int tokens, int rows) {
        if (tokens <= EXACT_TOKENS) {
            return tokens;
        }
        if (rows <= 1) {
            return 1;
        }
        return rows <= sizes.sequences() ? Math.min(sizes.sequences(), tokens) : tokens;
    }

    /**
     * {@inheritDoc}
     *
     * @throws InvalidInputException if the step does not fit the decoder or its tables, or the decoder is closed
     * @throws CancelledPredictionException if the call was cancelled
     * @throws DeadlineExceededException if the step took longer than the call allows
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    @Override
    public void run(Step step, float[] logits, Call call) {
        check(step, logits);
        Runnable limits = limits(call);
        if (step.tokens().length == 0) {
            return;
        }
        int tokens = padded(step.tokens().length);
        Shaped s = shaped(tokens, paddedRows(tokens, step.rows().length));
        fill(step, s);
        limits.run();
        session.predict(s.inputs(), s.outputs(), () -> {
            limits.run();
            return false;
        });
        long wanted = (long) step.rows().length * vocabulary;
        MemorySegment.copy(s.outputs().get("logits").segment(), F32, 0, logits, 0, (int) wanted);
    }

    /** Throws when the call is cancelled or its time is over, counted from now. */
    private Runnable limits(Call call) {
        long start = System.nanoTime();
        return () -> {
            if (call.isCancelled()) {
                throw new CancelledPredictionException(name, "the call was cancelled", null, null);
            }
            if (call.hasDeadline() && System.nanoTime() - start >= call.nanos()) {
                throw new DeadlineExceededException(name, DeadlineExceededException.Phase.RUNNING, call.nanos());
            }
        };
    }

    private void fill(Step step, Shaped s) {
        int count = step.tokens().length;
        long tokens = s.input("sequences").size();
        for (int i = 0; i < tokens; i++) {
            boolean padding = i >= count;
            s.input("input_ids").setLong(i, padding ? 0 : step.tokens()[i]);
            s.input("position_ids").setLong(i, padding ? 0 : step.positions()[i]);
            s.input("sequences").setLong(i, padding ? sizes.sequences() : step.sequences()[i]);
        }
        Tensor rows = s.input("rows");
        for (int i = 0; i < rows.size(); i++) {
            rows.setLong(i, i < step.rows().length ? step.rows()[i] : 0);
        }
        // The last row is that of padded tokens: page 0 alone.
        for (int i = 0; i < step.pageTable().length; i++) {
            int[] pages = step.pageTable()[i];
            for (int c = 0; c < sizes.columns(); c++) {
                table.setLong((long) i * sizes.columns() + c, c < pages.length ? pages[c] : -1);
            }
        }
    }

    /** The inputs of a step of some tokens and rows. */
    Map<String, Tensor> inputs(int tokens, int rows) {
        return shaped(tokens, rows).inputs();
    }

    private Shaped shaped(int tokens, int rows) {
        long bytes = DType.FLOAT32.byteSize((long) rows * vocabulary);
        if (bytes > room.byteSize()) {
            room = Tensor.allocateNative(DType.FLOAT32, rows, vocabulary).segment();
            shaped.clear();
        }
        return shaped.computeIfAbsent(List.of(tokens, rows), k -> {
            Map<String, Tensor> inputs = new HashMap<>(states);
            inputs.put("input_ids", Tensor.allocateNative(idType(), 1, tokens));
            inputs.put("position_ids", Tensor.allocateNative(DType.INT64, 1, tokens));
            inputs.put("sequences", Tensor.allocateNative(DType.INT32, tokens));
            inputs.put("rows", Tensor.allocateNative(DType.INT32, rows));
            inputs.put("page_table", table);
            Tensor logits = Tensor.of(DType.FLOAT32, room.asSlice(0, bytes), 1, rows, vocabulary);
            return new Shaped(inputs, Map.of("logits", logits));
        });
    }

    private DType idType() {
        return ((TensorType) session.model().inputs().getFirst().type()).dtype();
    }

    private void check(Step step, float[] logits) {
        requireOpen();
        int count = step.tokens().length;
        int[][] pages = step.pageTable();
        if (step.sequences().length != count || step.positions().length != count) {
            throw invalid(
                    count + " tokens, " + step.sequences().length + " sequences and " + step.positions().length
                            + " positions",
                    "one of each a token");
        }
        requireIn("the number of sequences", -1, pages.length, 0, sizes.sequences() + 1);
        for (int s = 0; s < pages.length; s++) {
            requireIn("the number of pages of sequence", s, pages[s].length, 0, sizes.columns() + 1);
            for (int page : pages[s]) {
                requireIn("a page of sequence", s, page, 1, sizes.pages());
            }
        }
        for (int i = 0; i < count; i++) {
            requireIn("tokens", i, step.tokens()[i], 0, vocabulary);
            requireIn("sequences", i, step.sequences()[i], 0, pages.length);
            int held = pages[step.sequences()[i]].length * PAGE;
            requireIn("positions", i, step.positions()[i], 0, Math.min(held, sizes.contextTokens()));
        }
        for (int i = 0; i < step.rows().length; i++) {
            requireIn("rows", i, step.rows()[i], i == 0 ? 0 : step.rows()[i - 1] + 1, count);
        }
        if ((long) step.rows().length * vocabulary > logits.length) {
            throw invalid("room for " + logits.length + " logits", step.rows().length + " rows of " + vocabulary);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw invalid("a decoder that is closed", "a decoder that is open");
        }
    }

    /** Checks a number; {@code at} is its index, -1 if it has none. */
    private void requireIn(String what, int at, int value, int least, int end) {
        if (value < least || value >= end) {
            throw invalid(what + (at < 0 ? "" : "[" + at + "]") + " is " + value, "[" + least + ", " + (end - 1) + "]");
        }
    }

    private InvalidInputException invalid(String found, String allowed) {
        return new InvalidInputException("a step of '" + name + "'", found, allowed, null);
    }

    @Override
    public void copyPage(int from, int to, int tokens) {
        requireOpen();
        requireIn("the page to read", -1, from, 0, sizes.pages());
        requireIn("the page to write", -1, to, 0, sizes.pages());
        requireIn("the number of tokens to copy", -1, tokens, 1, PAGE + 1);
        for (Tensor pages : states.values()) {
            long row = pages.dtype().byteSize(pages.dim(3));
            for (long h = 0; h < pages.dim(1); h++) {
                MemorySegment.copy(
                        pages.segment(),
                        (from * pages.dim(1) + h) * PAGE * row,
                        pages.segment(),
                        (to * pages.dim(1) + h) * PAGE * row,
                        tokens * row);
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            shaped.clear();
            states.clear();
            session.release();
            memory.giveBack();
        }
    }
}
