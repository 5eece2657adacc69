package dev.tenon.benchmarks.engine;

import dev.tenon.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The C functions of oneDNN, on one thread. The library is one of the system: Debian's package {@code libdnnl3.6} has it.
 * Where it is not installed, oneDNN is absent.
 */
final class OneDnn {
    /** A memory format that oneDNN chooses. */
    static final int ANY = 1;

    /** A vector. */
    static final int VECTOR = 2;

    /** A row-major matrix. */
    static final int MATRIX = 3;

    /** A row-major tensor of four dimensions. */
    static final int ROW_MAJOR_4 = 5;

    /** A row-major tensor of five dimensions. */
    static final int ROW_MAJOR_5 = 6;

    /** A tensor of four dimensions whose second one varies fastest: images with channels last. */
    static final int CHANNELS_LAST = 22;

    /** The names of version 3 of the library: that of its authors, and that of Debian 13. */
    private static final List<String> NAMES = List.of("libdnnl.so.3", "libdnnl.so.3.6");

    private static final int VERSION = 3;
    private static final int VERSION_BYTES = 32;
    private static final int RUNTIME_AT = 24;
    private static final int SEQUENTIAL = 1;
    private static final int OPENMP = 2;

    private static final int PROCESSOR = 1;
    private static final int IN_ORDER = 1;
    private static final long MOST_TEXT = 256;

    /** The linked library. It is loaded by the first call. */
    @SuppressWarnings("restricted")
    private static final class Library {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final SymbolLookup SYMBOLS = load();
        private static final String REFUSAL = refusal();
        private static final MethodHandle EXECUTE = ready() ? link("dnnl_primitive_execute", "iaaia") : null;
        private static final MethodHandle WAIT = ready() ? link("dnnl_stream_wait", "ia") : null;
        private static final MethodHandle SET_THREADS =
                ready() && runtime() == OPENMP ? link("omp_set_num_threads", "vi") : null;
        private static final MemorySegment ENGINE = ready() ? make("dnnl_engine_create", PROCESSOR, 0L) : null;
        private static final MemorySegment STREAM = ready() ? make("dnnl_stream_create", ENGINE, IN_ORDER) : null;

        private static boolean ready() {
            return REFUSAL == null;
        }

        private static SymbolLookup load() {
            for (String name : NAMES) {
                SymbolLookup library = load(name);
                if (library != null) {
                    return library;
                }
            }
            return null;
        }

        private static SymbolLookup load(String name) {
            try {
                return SymbolLookup.libraryLookup(name, Arena.global());
            } catch (IllegalArgumentException e) {
                return null;
            }
        }

        private static String refusal() {
            if (SYMBOLS == null) {
                return "this system has no " + String.join(" and no ", NAMES) + "; Debian's package libdnnl3.6 has it";
            }
            if (number(0) != VERSION) {
                return "its version is " + number(0) + ", not " + VERSION;
            }
            return runtime() == SEQUENTIAL || runtime() == OPENMP
                    ? null
                    : "this build of it takes its threads from elsewhere than OpenMP, so they can't be limited to one";
        }

        private static int runtime() {
            return version().get(ValueLayout.JAVA_INT, RUNTIME_AT);
        }

        private static int number(int index) {
            return version().getAtIndex(ValueLayout.JAVA_INT, index);
        }

        private static MemorySegment version() {
            try {
                MemorySegment at = (MemorySegment) link("dnnl_version", "a").invokeExact();
                return at.reinterpret(VERSION_BYTES);
            } catch (Throwable e) {
                throw failure(e);
            }
        }

        private static String describe() {
            return "oneDNN " + number(0) + "." + number(1) + "." + number(2) + ", one thread";
        }

        private static String text(MemorySegment at) {
            return at.reinterpret(MOST_TEXT).getString(0);
        }

        /** Links a function whose result and arguments have these types: void, int, long, float, address. */
        private static MethodHandle link(String name, String types) {
            List<MemoryLayout> layouts = new ArrayList<>();
            for (char type : types.substring(1).toCharArray()) {
                layouts.add(layout(type));
            }
            MemoryLayout[] arguments = layouts.toArray(MemoryLayout[]::new);
            return LINKER.downcallHandle(
                    SYMBOLS.findOrThrow(name),
                    types.charAt(0) == 'v'
                            ? FunctionDescriptor.ofVoid(arguments)
                            : FunctionDescriptor.of(layout(types.charAt(0)), arguments));
        }

        private static MemoryLayout layout(char type) {
            return switch (type) {
                case 'i' -> ValueLayout.JAVA_INT;
                case 'l' -> ValueLayout.JAVA_LONG;
                case 'f' -> ValueLayout.JAVA_FLOAT;
                default -> ValueLayout.ADDRESS;
            };
        }
    }

    private OneDnn() {}

    /**
     * The reason why oneDNN cannot be called on this machine.
     *
     * @return null if it can be called
     */
    static String absence() {
        try {
            return Library.REFUSAL;
        } catch (LinkageError | UnsupportedOperationException e) {
            return "its library cannot be loaded: " + (e.getCause() == null ? e : e.getCause());
        }
    }

    /** The version of the library. */
    static String describe() {
        return Library.describe();
    }

    /** The engine of all primitives: the processor. */
    static MemorySegment engine() {
        return Library.ENGINE;
    }

    /**
     * The number of oneDNN for an element type.
     *
     * @param type an element type
     * @return the number; 0 if operands here do not have the type
     */
    static int type(DType type) {
        return switch (type) {
            case BFLOAT16 -> 2;
            case FLOAT32 -> 3;
            case INT32 -> 4;
            case INT8 -> 5;
            case UINT8 -> 6;
            default -> 0;
        };
    }

    /**
     * Calls a function that returns a status. Slow: for preparations only.
     *
     * @param function its name
     * @param arguments numbers of the types that the function takes, and addresses
     * @throws IllegalStateException if the status is not that of success
     */
    static void call(String function, Object... arguments) {
        int status;
        try {
            status = (int) Library.link(function, "i" + types(arguments)).invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw failure(e);
        }
        if (status != 0) {
            throw new IllegalStateException("oneDNN: " + function + " ended with status " + status);
        }
    }

    /**
     * Calls a function that creates an object.
     *
     * @param function its name
     * @param arguments its arguments after the first one, which receives the object
     * @return the object
     * @throws IllegalStateException if it can't be created
     */
    static MemorySegment make(String function, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment made = arena.allocate(ValueLayout.ADDRESS);
            List<Object> all = new ArrayList<>(List.of(made));
            all.addAll(List.of(arguments));
            call(function, all.toArray());
            return made.get(ValueLayout.ADDRESS, 0);
        }
    }

    /**
     * Calls a function that returns an address or a size.
     *
     * @param function its name
     * @param arguments its arguments
     * @return the address, or the size as an address
     */
    static MemorySegment ask(String function, Object... arguments) {
        try {
            return (MemorySegment)
                    Library.link(function, "a" + types(arguments)).invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    /**
     * The text at an address.
     *
     * @param address the address of a short text
     * @return the text
     */
    static String text(MemorySegment address) {
        return Library.text(address);
    }

    private static String types(Object... arguments) {
        StringBuilder types = new StringBuilder();
        for (Object argument : arguments) {
            types.append(
                    switch (argument) {
                        case Integer _ -> 'i';
                        case Long _ -> 'l';
                        case Float _ -> 'f';
                        default -> 'a';
                    });
        }
        return types.toString();
    }

    /** Limits the library to the calling thread. The limit holds for this thread only, and until it is set again. */
    static void useOneThread() {
        if (Library.SET_THREADS != null) {
            try {
                Library.SET_THREADS.invokeExact(1);
            } catch (Throwable e) {
                throw failure(e);
            }
        }
    }

    /**
     * Runs a primitive and waits for its end.
     *
     * @param primitive the primitive
     * @param count the number of operands
     * @param operands an array of pairs: the number of the operand, and its memory object
     */
    static void execute(MemorySegment primitive, int count, MemorySegment operands) {
        int status;
        try {
            status = (int) Library.EXECUTE.invokeExact(primitive, Library.STREAM, count, operands);
            if (status == 0) {
                status = (int) Library.WAIT.invokeExact(Library.STREAM);
            }
        } catch (Throwable e) {
            throw failure(e);
        }
        if (status != 0) {
            throw new IllegalStateException("oneDNN: a primitive ended with status " + status);
        }
    }

    private static IllegalStateException failure(Throwable e) {
        return new IllegalStateException("oneDNN cannot be called: " + e, e);
    }
}
