package dev.tenon.generation.model;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.NumericsMode;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.cache.DecoderSteps;
import dev.tenon.generation.cache.PagedDecoder;
import dev.tenon.generation.schedule.StepLoop;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.text.Encoding;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import dev.tenon.text.file.DecoderFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * A decoder with its tokenizer, the tokens that end its texts, and its context. Immutable and safe for any number of threads; there is
 * nothing to close. A {@link TextGenerator}, which has memory for keys and values, is.
 *
 * <pre>{@code
 * LanguageModel model = LanguageModel.load(Path.of("qwen2.5-0.5b-instruct-q4_0.gguf"));
 * try (TextGenerator generator = model.generator(GeneratorOptions.standard())) {
 *     IO.println(generator.generate(GenerationRequest.text("The three primary colours are")).text());
 * }
 * }</pre>
 */
public final class LanguageModel {
    /** The context of a generator unless its options say otherwise, where the model has room for more. */
    static final int STANDARD_CONTEXT = 8192;

    /** The context where no file states one. */
    private static final int UNKNOWN_CONTEXT = 2048;

    private static final long STANDARD_CACHE_BYTES = 512L << 20;

    private final Model model;
    private final Tokenizer tokenizer;
    private final Set<Integer> ends;
    private final OptionalInt contextTokens;

    private LanguageModel(Model model, Tokenizer tokenizer, Set<Integer> ends, OptionalInt contextTokens) {
        this.model = Objects.requireNonNull(model, "model");
        // A prompt is never cut, and never padded.
        TokenizerOptions whole = tokenizer.options().noMaxLength().padding(Padding.none());
        this.tokenizer = tokenizer.with(whole);
        this.ends = Set.copyOf(ends);
        this.contextTokens = contextTokens;
    }

    /**
     * Loads a model with the standard options.
     *
     * @param path as {@link #load(Path, LoadOptions)} says
     * @return the model
     * @throws dev.tenon.error.TenonException as {@link #load(Path, LoadOptions)} says
     */
    public static LanguageModel load(Path path) {
        return load(path, LoadOptions.standard());
    }

    /**
     * Loads a model from a GGUF file, whose metadata have the tokenizer; or from a folder with {@code tokenizer.json}, and either
     * safetensors with {@code config.json} or an ONNX model, as {@link Model#load(Path)} finds them. Tokens that end a text are those of
     * {@code generation_config.json}, {@code genai_config.json} or {@code config.json} of the folder.
     *
     * <p>Checksums of {@link LoadOptions#sha256(java.util.Map)} cover these files as well as those of the model: each that is there is
     * compared before it is read. If {@code path} is the file of a model in a folder with a tokenizer above it, the names of files there
     * begin with {@code ../}.
     *
     * @param path the file or folder
     * @param options how to load it; their limits and checksums hold for all files
     * @return the model
     * @throws dev.tenon.formats.ModelFileException if a file is missing, can't be read, or has no checksum while the options have some
     * @throws dev.tenon.formats.ChecksumException if a file has another checksum
     * @throws dev.tenon.formats.MalformedModelException if a file is not well formed
     * @throws dev.tenon.formats.UnsupportedModelException if the model or its tokenizer needs what Tenon does not have
     * @throws ResourceLimitException if a file exceeds a limit
     */
    public static LanguageModel load(Path path, LoadOptions options) {
        CheckedFiles checked = new CheckedFiles(path, options);
        DecoderFiles files = DecoderFiles.read(path, options.limits(), checked);
        Tokenizer tokenizer = Tokenizer.load(
                checked.apply(files.tokenizer()), TokenizerOptions.standard().limits(options.limits()));
        Set<Integer> ends = new TreeSet<>(files.ends());
        for (String name : files.endNames()) {
            OptionalInt id = tokenizer.id(name);
            // Only a special token has no text: another one may be a part of any text.
            if (id.isPresent() && tokenizer.decode(id.getAsInt()).isEmpty()) {
                ends.add(id.getAsInt());
            }
        }
        return new LanguageModel(Model.load(path, options), tokenizer, ends, files.contextTokens());
    }

    /**
     * A model of a decoder and a tokenizer.
     *
     * @param model the decoder, with the inputs and outputs that {@code docs/decoders.md} lists
     * @param tokenizer its tokenizer
     * @param contextTokens the most tokens of a text that it was made for, at least 1
     * @param ends the ids of tokens that end a text
     * @return the model
     * @throws InvalidOptionException if the context is less than 1
     */
    public static LanguageModel of(Model model, Tokenizer tokenizer, int contextTokens, int... ends) {
        if (contextTokens < 1) {
            throw new InvalidOptionException("LanguageModel.of", contextTokens + " tokens", "1 or more", null);
        }
        Set<Integer> all = new TreeSet<>();
        Arrays.stream(ends).forEach(all::add);
        return new LanguageModel(model, tokenizer, all, OptionalInt.of(contextTokens));
    }

    /** {@return the decoder} */
    public Model model() {
        return model;
    }

    /** {@return the tokenizer, which neither cuts nor pads} */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** {@return the tokens that end a text} */
    public Set<Integer> endTokens() {
        return ends;
    }

    /** {@return the most tokens of a text that the model was made for; empty if no file says so} */
    public OptionalInt contextTokens() {
        return contextTokens;
    }

    /**
     * The tokens of a prompt. Those that the tokenizer puts before a text are there, but not twice if the text begins with them, and
     * those that it puts after a text are left out: the text goes on.
     *
     * @param text the text
     * @return the ids; none if the text is empty and nothing is put before it
     * @throws InvalidInputException if the text is too long for the tokenizer
     * @throws ResourceLimitException as {@link Tokenizer#encode(String)} says
     */
    public int[] promptTokens(String text) {
        Encoding encoding = tokenizer.encode(text);
        int from = 0;
        int to = encoding.length();
        while (from < to && encoding.sequence(from) == Encoding.NONE) {
            from++;
        }
        int before = from;
        // An empty text has only such tokens, and all of them are before it, unless they end texts.
        while (to > before && encoding.sequence(to - 1) == Encoding.NONE) {
            to--;
        }
        while (to == before && to > 1 && ends.contains(encoding.id(to - 1))) {
            to--;
            before--;
        }
        boolean twice = before > 0 && to - before >= before;
        for (int i = 0; twice && i < before; i++) {
            twice = encoding.id(i) == encoding.id(before + i);
        }
        return Arrays.copyOfRange(encoding.ids(), twice ? before : 0, to);
    }

    /**
     * A generator with the standard options.
     *
     * @return the generator, to be kept, shared, and closed at the end
     * @throws dev.tenon.error.TenonException as {@link #generator(GeneratorOptions)} says
     */
    public TextGenerator generator() {
        return generator(GeneratorOptions.standard());
    }

    /**
     * A generator, with a session and memory for keys and values of its own.
     *
     * @param options how much it keeps, and how it runs
     * @return the generator, to be kept, shared, and closed at the end
     * @throws dev.tenon.formats.UnsupportedModelException if the model is no decoder with a past; it names the reason
     * @throws InvalidOptionException if the context is larger than that of the model, or options of the session do not go together
     * @throws ResourceLimitException if there is not enough memory, or {@link GeneratorOptions#cacheBytes} is less than a page
     */
    public TextGenerator generator(GeneratorOptions options) {
        int context = context(options);
        String name = options.name().isEmpty() ? model.name() : options.name();
        PagedDecoder.Sizes sizes =
                new PagedDecoder.Sizes(pages(options, context), options.maxSequences(), context, options.pages());
        SessionOptions session =
                options.precision().map(options.session()::precision).orElse(options.session());
        DecoderSteps steps = PagedDecoder.of(rounded(options), sizes, session);
        return new TextGenerator(this, new StepLoop(name, steps, options));
    }

    private int context(GeneratorOptions options) {
        int most = contextTokens.orElse(Integer.MAX_VALUE);
        int wanted = options.contextTokens().orElse(Math.min(STANDARD_CONTEXT, contextTokens.orElse(UNKNOWN_CONTEXT)));
        if (wanted > most) {
            throw new InvalidOptionException(
                    "GeneratorOptions.contextTokens",
                    wanted + " tokens",
                    "at most " + most + ", the context of '" + model.name() + "'",
                    null);
        }
        return wanted;
    }

    /** The number of pages, the scratch page among them. */
    private int pages(GeneratorOptions options, int context) {
        long pageBytes = PagedDecoder.pageBytes(model, options.pages());
        long ofContext = Math.ceilDiv(context, PagedAttention.PAGE_TOKENS);
        long most = Math.min(ofContext * options.maxSequences(), Integer.MAX_VALUE - 2L) + 1;
        if (options.cacheBytes().isEmpty()) {
            return (int) Math.min(most, Math.max(ofContext + 1, STANDARD_CACHE_BYTES / pageBytes));
        }
        long given = options.cacheBytes().getAsLong() / pageBytes;
        if (given < 2) {
            throw new ResourceLimitException(
                    "keys and values of '" + model.name() + "'",
                    2 * pageBytes + " bytes, two pages of " + PagedAttention.PAGE_TOKENS + " tokens",
                    options.cacheBytes().getAsLong() + " bytes",
                    "raise GeneratorOptions.cacheBytes");
        }
        return (int) Math.min(most, given);
    }

    /** The decoder in which rows are rounded that are multiplied with weights in blocks, unless the options say otherwise. */
    private Model rounded(GeneratorOptions options) {
        List<Node> products = model.graph().nodes().stream()
                .filter(node -> node.op() instanceof BlockMatMul product
                        && product.activations() == BlockMatMul.Activations.F32)
                .toList();
        boolean exact = options.precision().isPresent() || options.session().numerics() == NumericsMode.STRICT;
        if (exact || products.isEmpty()) {
            return model;
        }
        GraphEditor editor = new GraphEditor(model.graph());
        for (Node node : products) {
            BlockMatMul product = (BlockMatMul) node.op();
            editor.replaceOperator(node, new BlockMatMul(product.format(), BlockMatMul.Activations.Q8));
        }
        return model.withGraph(editor.build());
    }
}
