package dev.tenon.benchmarks.operators;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.PreparedCall;
import dev.tenon.SaveOptions;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.benchmarks.ceiling.FmaPeak;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * A quick comparison of convolutions and convolutional models with ONNX Runtime, for the work on kernels. Both engines
 * run in this JVM by turns, on one thread. Arguments are {@code in,height,width,out,kernel,stride,groups} or
 * {@code model.onnx:1x3x224x224}.
 */
final class ConvShapes {
    private static final long SEED = 20261124;
    private static final double SECONDS = Double.parseDouble(System.getProperty("seconds", "1.5"));

    /** Measures the CPU time of the thread, which other processes do not change. */
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private ConvShapes() {}

    private interface Run {
        void run() throws OrtException;
    }

    public static void main(String[] arguments) throws Exception {
        float[] values = new float[FmaPeak.VALUES];
        double peak = 0;
        for (int i = 0; i < 30; i++) {
            long t = THREADS.getCurrentThreadCpuTime();
            double flops = FmaPeak.run(2_000_000, values);
            peak = Math.max(peak, flops / (THREADS.getCurrentThreadCpuTime() - t));
        }
        System.out.printf(Locale.ROOT, "FMA peak %.1f GFLOP/s%n", peak);
        for (String argument : arguments) {
            if (argument.contains(".onnx")) {
                String[] parts = argument.split(":", -1);
                compare(Path.of(parts[0]), parts.length > 1 ? dims(parts[1]) : null, 0, peak);
            } else {
                int[] s = Arrays.stream(argument.split(",", -1))
                        .mapToInt(Integer::parseInt)
                        .toArray();
                Path file = Files.createTempFile("conv", ".onnx");
                double flops = model(s).save(file);
                compare(file, null, flops, peak, argument);
                Files.delete(file);
            }
        }
    }

    private static long[] dims(String text) {
        return Arrays.stream(text.split("x", -1)).mapToLong(Long::parseLong).toArray();
    }

    private record Built(Model model, double flops) {
        double save(Path file) {
            model.save(file, SaveOptions.standard().operatorSet(17));
            return flops;
        }
    }

    private static Built model(int[] s) {
        long out = s[3];
        long k = s[4];
        long pad = k / 2;
        GraphBuilder b = new GraphBuilder("conv");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(1, s[0], s[1], s[2])));
        Value w = b.constant("w", random(SEED, out, s[0] / s[6], k, k));
        Value bias = b.constant("b", random(SEED + 1, out));
        Conv conv = Conv.of(Attributes.none()
                .with("group", (long) s[6])
                .with("strides", new long[] {s[5], s[5]})
                .with("pads", new long[] {pad, pad, pad, pad}));
        b.output("y", b.add(new Relu(), b.add(conv, x, w, bias)));
        double h = (s[1] + 2 * pad - k) / s[5] + 1;
        double v = (s[2] + 2 * pad - k) / s[5] + 1;
        return new Built(Model.of(b.build()), 2.0 * h * v * out * k * k * s[0] / s[6]);
    }

    private static Tensor random(long seed, long... dims) {
        Random random = new Random(seed);
        Tensor t = Tensor.allocateNative(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextFloat(-1, 1));
        }
        return t;
    }

    private static void compare(Path file, long[] dims, double flops, double peak) throws Exception {
        compare(file, dims, flops, peak, file.toString().replaceAll(".*/(\\w+/model|[^/]+)\\.onnx$", "$1"));
    }

    private static void compare(Path file, long[] dims, double flops, double peak, String name) throws Exception {
        Model model = Model.load(file);
        Session session = model.session(SessionOptions.standard().threads(1));
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> peerInputs = new LinkedHashMap<>();
        for (ValueInfo input : model.inputs()) {
            long[] d = dims != null
                    ? dims
                    : ((TensorType) input.type())
                            .shape().dims().stream().mapToLong(n -> n.orElse(1)).toArray();
            Tensor t = random(SEED + 2, d);
            inputs.put(input.name(), t);
            ByteBuffer bytes = ByteBuffer.allocateDirect((int) t.byteSize()).order(ByteOrder.nativeOrder());
            t.copyTo(bytes.duplicate().order(ByteOrder.nativeOrder()));
            peerInputs.put(input.name(), OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), d));
        }
        if (System.getProperty("explain") != null) {
            System.out.println(session.inspect().explain(inputs));
        }
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        Outputs first = session.predict(inputs);
        for (String output : model.outputs().stream().map(ValueInfo::name).toList()) {
            Tensor t = (Tensor) first.get(output);
            outputs.put(output, Tensor.allocateNative(t.dtype(), t.dims()));
        }
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        OrtSession peer = environment.createSession(file.toString(), options);
        double[] best = {1e9, 1e9};
        double[][] all = new double[2][100_000];
        int[] counts = new int[2];
        PreparedCall call = session.prepare(inputs);
        Run ours = System.getProperty("prepared") == null ? () -> session.predict(inputs, outputs) : call::run;
        Run theirs = () -> peer.run(peerInputs).close();
        long end = System.nanoTime() + (long) (SECONDS * 4e9);
        boolean alone = System.getProperty("alone") != null;
        for (int round = 0; System.nanoTime() < end || round < 8; round++) {
            for (int e = 0; e < (alone ? 1 : 2); e++) {
                Run run = e == 0 ? ours : theirs;
                long until = System.nanoTime() + 100_000_000L;
                int from = round < 4 ? Integer.MAX_VALUE : 2;
                for (int i = 0; System.nanoTime() < until; i++) {
                    long t = THREADS.getCurrentThreadCpuTime();
                    run.run();
                    double ms = (THREADS.getCurrentThreadCpuTime() - t) * 1e-6;
                    best[e] = Math.min(best[e], ms);
                    if (i >= from && counts[e] < all[e].length) {
                        all[e][counts[e]++] = ms;
                    }
                }
            }
        }
        double worst = 0;
        if (!alone) {
            try (OrtSession.Result result = peer.run(peerInputs)) {
                for (Map.Entry<String, Tensor> o : outputs.entrySet()) {
                    FloatBuffer values = ((OnnxTensor) result.get(o.getKey()).get()).getFloatBuffer();
                    session.predict(inputs, outputs);
                    double scale = 0;
                    double difference = 0;
                    for (int i = 0; i < values.capacity(); i++) {
                        scale = Math.max(scale, Math.abs(values.get(i)));
                        difference = Math.max(
                                difference,
                                Math.abs(values.get(i) - o.getValue().getFloat(i)));
                    }
                    worst = Math.max(worst, difference / Math.max(scale, 1e-30));
                }
            }
        }
        double p50 = median(all[0], counts[0]);
        double peerP50 = median(all[1], counts[1]);
        System.out.printf(
                Locale.ROOT,
                "%-28s ours %8.4f (p50 %8.4f) peer %8.4f (p50 %8.4f) ratio %.3f (%.3f)%s diff %.1e%n",
                name,
                best[0],
                p50,
                best[1],
                peerP50,
                best[0] / best[1],
                p50 / peerP50,
                flops == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " GFLOP/s %.1f %.1f (%.0f%% of peak)",
                                flops / best[0] * 1e-6,
                                flops / best[1] * 1e-6,
                                100 * flops / best[0] * 1e-6 / peak),
                worst);
    }

    private static double median(double[] values, int count) {
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return count == 0 ? 0 : sorted[count / 2];
    }
}
