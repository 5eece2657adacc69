package dev.tenon.benchmarks.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The functions of llama.cpp, as the npm package {@value #PACKAGE} has them in version {@value #VERSION}: {@code benchmarks/run decoder
 * --llama} fetches it. Structures are those of this version. For one thread.
 */
@SuppressWarnings("restricted")
public final class LlamaCpp {
    /** Its name. */
    public static final String NAME = "llama.cpp";

    /** The npm package of its libraries. */
    public static final String PACKAGE = "@node-llama-cpp/linux-x64";

    /** The version of the package. */
    public static final String VERSION = "3.21.1";

    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfBoolean BOOL = ValueLayout.JAVA_BOOLEAN;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;
    private static final int WARNING = 3;
    private static final int ERROR = 4;

    private static final StructLayout MODEL_PARAMETERS = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(2, POINTER),
            MemoryLayout.sequenceLayout(3, INT).withName("n_gpu_layers, split_mode, load_mode"),
            MemoryLayout.sequenceLayout(2, INT),
            MemoryLayout.paddingLayout(4),
            MemoryLayout.sequenceLayout(4, POINTER),
            MemoryLayout.sequenceLayout(6, BOOL),
            MemoryLayout.paddingLayout(2));

    private static final StructLayout CONTEXT_PARAMETERS = MemoryLayout.structLayout(
            INT.withName("n_ctx"),
            INT.withName("n_batch"),
            INT.withName("n_ubatch"),
            INT.withName("n_seq_max"),
            MemoryLayout.sequenceLayout(3, INT),
            INT.withName("n_threads"),
            INT.withName("n_threads_batch"),
            MemoryLayout.sequenceLayout(4, INT),
            INT.withName("flash_attn_type"),
            MemoryLayout.sequenceLayout(6, FLOAT),
            INT,
            FLOAT,
            MemoryLayout.sequenceLayout(2, POINTER),
            INT.withName("type_k"),
            INT.withName("type_v"),
            MemoryLayout.sequenceLayout(2, POINTER),
            MemoryLayout.sequenceLayout(6, BOOL),
            MemoryLayout.paddingLayout(2),
            POINTER,
            LONG,
            POINTER);

    private static final StructLayout BATCH = MemoryLayout.structLayout(
            INT.withName("n_tokens"),
            MemoryLayout.paddingLayout(4),
            ValueLayout.ADDRESS.withName("token"),
            POINTER,
            ValueLayout.ADDRESS.withName("pos"),
            ValueLayout.ADDRESS.withName("n_seq_id"),
            ValueLayout.ADDRESS.withName("seq_id"),
            ValueLayout.ADDRESS.withName("logits"));

    private static final StructLayout QUANTIZE_PARAMETERS = MemoryLayout.structLayout(
            INT.withName("nthread"),
            INT.withName("ftype"),
            MemoryLayout.sequenceLayout(2, INT),
            BOOL.withName("allow_requantize"),
            MemoryLayout.sequenceLayout(2, BOOL),
            BOOL.withName("pure"),
            MemoryLayout.sequenceLayout(2, BOOL),
            MemoryLayout.paddingLayout(2),
            MemoryLayout.sequenceLayout(4, POINTER),
            LONG);

    private static final List<String> LIBRARIES = List.of("libggml-base.so", "libggml.v0.4.0.so", "libllama.v0.4.0.so");

    private final Path folder;
    private final SymbolLookup symbols;

    /**
     * Loads the libraries, and the one of its libraries for processors that it thinks best for this one.
     *
     * @param folder the folder of the libraries
     */
    public LlamaCpp(Path folder) {
        this.folder = folder;
        SymbolLookup all = name -> Optional.empty();
        for (String library : LIBRARIES) {
            all = SymbolLookup.libraryLookup(folder.resolve(library), Arena.global())
                    .or(all);
        }
        symbols = all;
        call(of("llama_log_set", POINTER, POINTER), quiet(), MemorySegment.NULL);
        try (Arena arena = Arena.ofConfined()) {
            call(of("ggml_backend_load_all_from_path", POINTER), arena.allocateFrom(folder.toString()));
        }
        call(of("llama_backend_init"));
    }

    /** {@return the folder into which {@code benchmarks/run --llama} puts the libraries} */
    public static Path fetched() {
        return Path.of(System.getProperty("tenon.root", "."), "benchmarks", "target", "llama");
    }

    /**
     * The reason why llama.cpp cannot be called.
     *
     * @param folder the folder of its libraries
     * @return null if it can be called
     */
    public static String absence(Path folder) {
        String platform = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (!platform.toLowerCase(Locale.ROOT).matches("linux on (amd64|x86_64)")) {
            return PACKAGE + " is for Linux on x86-64; this is " + platform;
        }
        for (String library : LIBRARIES) {
            if (!Files.isRegularFile(folder.resolve(library))) {
                return "no " + library + " of " + PACKAGE + "@" + VERSION + " in " + folder + "; --llama fetches it";
            }
        }
        return null;
    }

    /** {@return the name of its library for processors that was loaded} */
    public String loaded() {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains("libggml-cpu"))
                    .map(line -> line.substring(line.lastIndexOf('/') + 1))
                    .findFirst()
                    .orElse("none");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MethodHandle of(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbols.findOrThrow(name), FunctionDescriptor.ofVoid(arguments));
    }

    private MethodHandle giving(MemoryLayout result, String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbols.findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    private static Object call(MethodHandle function, Object... arguments) {
        try {
            return function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("llama.cpp cannot be called: " + e, e);
        }
    }

    /** A log that tells nothing but warnings and errors. */
    private static MemorySegment quiet() {
        try {
            MethodHandle log = MethodHandles.lookup()
                    .findStatic(
                            LlamaCpp.class,
                            "log",
                            MethodType.methodType(void.class, int.class, MemorySegment.class, MemorySegment.class));
            return LINKER.upcallStub(log, FunctionDescriptor.ofVoid(INT, POINTER, POINTER), Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Called by the log. */
    static void log(int level, MemorySegment text, MemorySegment user) {
        if (level == WARNING || level == ERROR) {
            System.err.print(text.reinterpret(Long.MAX_VALUE).getString(0));
        }
    }

    private static long offset(StructLayout layout, String name) {
        return layout.byteOffset(MemoryLayout.PathElement.groupElement(name));
    }

    /**
     * Quantises a file.
     *
     * @param from a GGUF file of floats
     * @param to the file to write
     * @param type the number of the mixture, {@code llama_ftype}
     * @param pure whether all matrices have one type
     */
    public void quantize(Path from, Path to, int type, boolean pure) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters =
                    (MemorySegment) call(giving(QUANTIZE_PARAMETERS, "llama_model_quantize_default_params"), arena);
            parameters.set(INT, offset(QUANTIZE_PARAMETERS, "nthread"), 1);
            parameters.set(INT, offset(QUANTIZE_PARAMETERS, "ftype"), type);
            parameters.set(BOOL, offset(QUANTIZE_PARAMETERS, "allow_requantize"), true);
            parameters.set(BOOL, offset(QUANTIZE_PARAMETERS, "pure"), pure);
            Object failed = call(
                    giving(INT, "llama_model_quantize", POINTER, POINTER, POINTER),
                    arena.allocateFrom(from.toString()),
                    arena.allocateFrom(to.toString()),
                    parameters);
            if (!failed.equals(0)) {
                throw new IllegalStateException("llama.cpp could not quantise " + from + ": " + failed);
            }
        }
    }

    /**
     * Loads a decoder.
     *
     * @param file a GGUF file
     * @param threads the threads of a step
     * @param context the most tokens of a sequence, a multiple of 256
     * @param sequences the most sequences
     * @param exact whether keys and values are float32, without flash attention; otherwise float16 as llama.cpp likes it
     * @return the decoder
     */
    public Decoder load(Path file, int threads, int context, int sequences, boolean exact) {
        return new Decoder(file, threads, context, sequences, exact);
    }

    /** A decoder with some sequences. */
    public final class Decoder implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment model;
        private final MemorySegment context;
        private final int vocabulary;
        private final MemorySegment batch = arena.allocate(BATCH);
        private final MemorySegment tokens;
        private final MemorySegment positions;
        private final MemorySegment sequences;
        private final MemorySegment asked;
        private int size;
        private final MethodHandle decode = giving(INT, "llama_decode", POINTER, BATCH);
        private final MethodHandle logits = giving(ValueLayout.ADDRESS, "llama_get_logits_ith", POINTER, INT);

        private Decoder(Path file, int threads, int length, int count, boolean exact) {
            int most = length * count;
            MemorySegment parameters =
                    (MemorySegment) call(giving(MODEL_PARAMETERS, "llama_model_default_params"), arena);
            parameters.set(INT, offset(MODEL_PARAMETERS, "n_gpu_layers, split_mode, load_mode"), 0);
            model = (MemorySegment) call(
                    giving(ValueLayout.ADDRESS, "llama_model_load_from_file", POINTER, MODEL_PARAMETERS),
                    arena.allocateFrom(file.toString()),
                    parameters);
            if (model.address() == 0) {
                throw new IllegalStateException("llama.cpp could not load " + file);
            }
            MemorySegment c = (MemorySegment) call(giving(CONTEXT_PARAMETERS, "llama_context_default_params"), arena);
            c.set(INT, offset(CONTEXT_PARAMETERS, "n_ctx"), most);
            c.set(INT, offset(CONTEXT_PARAMETERS, "n_batch"), most);
            c.set(INT, offset(CONTEXT_PARAMETERS, "n_ubatch"), most);
            c.set(INT, offset(CONTEXT_PARAMETERS, "n_seq_max"), count);
            c.set(INT, offset(CONTEXT_PARAMETERS, "n_threads"), threads);
            c.set(INT, offset(CONTEXT_PARAMETERS, "n_threads_batch"), threads);
            if (exact) {
                c.set(INT, offset(CONTEXT_PARAMETERS, "flash_attn_type"), 0);
                c.set(INT, offset(CONTEXT_PARAMETERS, "type_k"), 0);
                c.set(INT, offset(CONTEXT_PARAMETERS, "type_v"), 0);
            }
            context = (MemorySegment)
                    call(giving(ValueLayout.ADDRESS, "llama_init_from_model", POINTER, CONTEXT_PARAMETERS), model, c);
            if (context.address() == 0) {
                throw new IllegalStateException("llama.cpp could not make a context for " + file);
            }
            Object vocab = call(giving(ValueLayout.ADDRESS, "llama_model_get_vocab", POINTER), model);
            vocabulary = (int) call(giving(INT, "llama_vocab_n_tokens", POINTER), vocab);
            tokens = arena.allocate(INT, most);
            positions = arena.allocate(INT, most);
            asked = arena.allocate(most);
            MemorySegment counts = arena.allocate(INT, most);
            sequences = arena.allocate(INT, most);
            MemorySegment places = arena.allocate(ValueLayout.ADDRESS, most);
            for (int i = 0; i < most; i++) {
                counts.setAtIndex(INT, i, 1);
                places.setAtIndex(ValueLayout.ADDRESS, i, sequences.asSlice((long) i * Integer.BYTES));
            }
            batch.set(ValueLayout.ADDRESS, offset(BATCH, "token"), tokens);
            batch.set(ValueLayout.ADDRESS, offset(BATCH, "pos"), positions);
            batch.set(ValueLayout.ADDRESS, offset(BATCH, "n_seq_id"), counts);
            batch.set(ValueLayout.ADDRESS, offset(BATCH, "seq_id"), places);
            batch.set(ValueLayout.ADDRESS, offset(BATCH, "logits"), asked);
        }

        /** {@return the number of tokens that it knows} */
        public int vocabulary() {
            return vocabulary;
        }

        /**
         * Runs tokens.
         *
         * @param ids the tokens
         * @param from the position of the first one; what was at it and after it is forgotten
         * @param all whether all rows of logits are wanted, otherwise the last one
         * @return the logits, a row after the other
         */
        public float[] step(int[] ids, int from, boolean all) {
            forget(0, from);
            for (int i = 0; i < ids.length; i++) {
                put(ids[i], from + i, 0, all || i == ids.length - 1);
            }
            run();
            int rows = all ? ids.length : 1;
            float[] result = new float[rows * vocabulary];
            for (int i = 0; i < rows; i++) {
                MemorySegment.copy(logits(all ? i : ids.length - 1), FLOAT, 0, result, i * vocabulary, vocabulary);
            }
            return result;
        }

        /** Forgets what a sequence has at a position and after it. */
        public void forget(int sequence, int from) {
            Object memory = call(giving(ValueLayout.ADDRESS, "llama_get_memory", POINTER), context);
            call(giving(BOOL, "llama_memory_seq_rm", POINTER, INT, INT, INT), memory, sequence, from, -1);
        }

        /** Adds a token to the next step, and whether its logits are wanted. */
        public void put(int token, int position, int sequence, boolean wanted) {
            tokens.setAtIndex(INT, size, token);
            positions.setAtIndex(INT, size, position);
            sequences.setAtIndex(INT, size, sequence);
            asked.set(ValueLayout.JAVA_BYTE, size, (byte) (wanted ? 1 : 0));
            size++;
        }

        /** Runs a step of the tokens that were put. */
        public void run() {
            batch.set(INT, 0, size);
            Object failed = call(decode, context, batch);
            if (!failed.equals(0)) {
                throw new IllegalStateException("llama.cpp could not run " + size + " tokens: " + failed);
            }
            size = 0;
        }

        /** {@return the logits of a token of the last step by its place there; they last until the next one} */
        public MemorySegment logits(int place) {
            MemorySegment row = (MemorySegment) call(logits, context, place);
            return row.reinterpret((long) vocabulary * Float.BYTES);
        }

        @Override
        public void close() {
            call(of("llama_free", POINTER), context);
            call(of("llama_model_free", POINTER), model);
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "llama.cpp of " + PACKAGE + "@" + VERSION + " with " + loaded() + " in " + folder.getFileName();
    }
}
