package dev.tenon.benchmarks.fresh;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.tensor.Tensor;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program that loads a model, calls it, and calls it again until calls are fast. {@link FreshJvm} runs it in a new
 * JVM. It prints the end of each phase in microseconds of the system clock, which the parent process reads too.
 */
public final class ColdProgram {
    /** The first line of the program. */
    public static final String MAIN = "main";

    /** The model is loaded, optimised and packed. */
    public static final String SESSION = "session";

    /** The plan for the shapes of the inputs is made. */
    public static final String PLANNED = "planned";

    /** The first call has returned. */
    public static final String FIRST = "first";

    /** The duration of the tenth call, not its end. */
    public static final String TENTH = "tenth";

    /** The duration of a call after warm-up, not its end. */
    public static final String STEADY = "steady";

    private static final int TENTH_CALL = 10;
    private static final long STEADY_NANOS = 4_000_000_000L;
    private static final int STEADY_CALLS = 400;
    /** The time after which slow calls count as steady, even if they are few. */
    private static final long MOST_NANOS = 20_000_000_000L;

    private static final int LAST_CALLS = 20;
    private static final long NANOS_PER_MICRO = 1000;
    private static final int FIRST_WORD = 1996;
    private static final int WORDS = 20_000;

    private final Map<String, Long> times = new LinkedHashMap<>();

    /** A call of either engine. */
    @FunctionalInterface
    private interface Call {
        void run() throws OrtException;
    }

    private ColdProgram() {}

    /**
     * Runs the program.
     *
     * @param arguments the engine, the file of the model, the tokens of the sentence, and the number of calls: 0 only
     *     plans, 1 measures the first call, more also warm up
     * @throws OrtException if ONNX Runtime fails
     */
    public static void main(String[] arguments) throws OrtException {
        ColdProgram program = new ColdProgram();
        program.stamp(MAIN);
        int tokens = Integer.parseInt(arguments[2]);
        int calls = Integer.parseInt(arguments[3]);
        if (arguments[0].equals(Engines.TENON)) {
            program.tenon(Path.of(arguments[1]), tokens, calls);
        } else {
            program.onnxRuntime(arguments[1], tokens, calls);
        }
        program.times.forEach(FreshJvm::tell);
    }

    private void stamp(String name) {
        times.put(name, FreshJvm.now());
    }

    private void tenon(Path file, int tokens, int calls) throws OrtException {
        Model model = Model.load(file);
        Session session = model.session();
        stamp(SESSION);
        Map<String, Tensor> inputs = Map.of(
                "input_ids", Tensor.wrap(ids(tokens), 1, tokens),
                "attention_mask", Tensor.wrap(ones(tokens), 1, tokens),
                "token_type_ids", Tensor.wrap(new long[tokens], 1, tokens));
        if (calls == 0) {
            session.inspect().types(inputs);
            stamp(PLANNED);
        } else {
            calls(() -> session.predict(inputs), calls);
        }
    }

    private void onnxRuntime(String file, int tokens, int calls) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file)) {
            stamp(SESSION);
            long[] dims = {1, tokens};
            Map<String, OnnxTensor> inputs = Map.of(
                    "input_ids", OnnxTensor.createTensor(environment, LongBuffer.wrap(ids(tokens)), dims),
                    "attention_mask", OnnxTensor.createTensor(environment, LongBuffer.wrap(ones(tokens)), dims),
                    "token_type_ids", OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[tokens]), dims));
            calls(() -> session.run(inputs).close(), calls);
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private void calls(Call call, int count) throws OrtException {
        call.run();
        stamp(FIRST);
        if (count == 1) {
            return;
        }
        for (int i = 2; i <= TENTH_CALL; i++) {
            long before = System.nanoTime();
            call.run();
            times.put(TENTH, (System.nanoTime() - before) / NANOS_PER_MICRO);
        }
        List<Long> all = new ArrayList<>();
        long start = System.nanoTime();
        long end = start;
        while (all.size() < LAST_CALLS
                || end - start < MOST_NANOS && (all.size() < STEADY_CALLS || end - start < STEADY_NANOS)) {
            long before = System.nanoTime();
            call.run();
            end = System.nanoTime();
            all.add(end - before);
        }
        List<Long> last = new ArrayList<>(all.subList(all.size() - LAST_CALLS, all.size()));
        last.sort(null);
        times.put(STEADY, last.get(last.size() / 2) / NANOS_PER_MICRO);
    }

    private static long[] ids(int tokens) {
        long[] ids = new long[tokens];
        for (int i = 0; i < tokens; i++) {
            ids[i] = FIRST_WORD + i * 37L % WORDS;
        }
        return ids;
    }

    private static long[] ones(int tokens) {
        long[] ones = new long[tokens];
        Arrays.fill(ones, 1);
        return ones;
    }
}
