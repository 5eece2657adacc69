package dev.tenon.samples.inspect;

import dev.tenon.Inspection;
import dev.tenon.Model;
import dev.tenon.Profile;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.Tenon;
import dev.tenon.graph.GraphText;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Describes a model, its optimisation, and the kernels that run it. Can draw it as a web page. */
public final class InspectCommand implements Command {
    private static final int CALLS = 300;
    private static final int SECONDS = 5;
    private static final long TELL_NANOS = 3_000_000_000L;

    /** Makes the command. */
    public InspectCommand() {}

    @Override
    public Usage usage() {
        return Usage.of(
                        "samples/run inspect",
                        "Describes a model: its inputs and outputs, how its graph is optimised, and the kernels that run it.")
                .arguments("MODEL", "a model file, or the name of a fetched model such as mobilenetv2")
                .flag("prints the optimised graph", "--optimised", "--optimized")
                .repeated("--shape", "INPUT=1x128", "the shape of an input whose dimensions the model leaves open")
                .option("--threads", "N", "the threads of a call, all of the machine if it is not given")
                .flag("measures how long each step takes", "--profile")
                .option(
                        "--seconds",
                        "N",
                        "the time for measuring, " + SECONDS + " if it is not given; three calls are made in any case")
                .option("--beside", "MODEL", "prints how far the values of another model are, the noisiest nodes first")
                .option("--html", "FILE", "draws the graph as a web page")
                .option(
                        "--trace",
                        "FILE.json",
                        "measures, and writes steps, threads and memory as a trace for Perfetto")
                .example(
                        "samples/run inspect model.onnx",
                        "samples/run inspect model.onnx --shape input_ids=1x128 --profile --html model.html",
                        "samples/run inspect model.onnx --trace model-trace.json");
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        Arguments given = usage().parse(args);
        if (given.rest().size() != 1) {
            throw new UsageException("name one model");
        }
        SessionOptions options = SessionOptions.standard();
        if (given.has("--threads")) {
            options = options.threads(given.number("--threads", 1, 9_999, 1));
        }
        Session session = Model.load(Arguments.model(given.rest().getFirst())).session(options);
        Map<String, Tensor> inputs = SampleInputs.of(session.model(), SampleInputs.shapes(given.values("--shape")));
        Inspection inspection = session.inspect();
        out.print(inspection.explain());
        out.println();
        if (given.has("--optimised")) {
            out.println(GraphText.print(inspection.graph()));
        }
        out.print(inspection.explain(inputs));
        boolean isTimed = given.has("--profile") || given.has("--trace");
        Profile profile = isTimed ? profile(session, inputs, given.number("--seconds", 1, 86_400, SECONDS), out) : null;
        if (profile != null) {
            out.println();
            out.print(profile.print());
        }
        given.value("--beside").ifPresent(other -> {
            Session beside = Model.load(Arguments.model(other)).session(session.options());
            out.println();
            inspection.signalToNoise(beside, inputs).entrySet().stream()
                    .sorted(Comparator.comparingDouble(
                            e -> Double.isNaN(e.getValue()) ? Double.NEGATIVE_INFINITY : e.getValue()))
                    .forEach(e -> out.printf(Locale.ROOT, "%8.1f dB  %s%n", e.getValue(), e.getKey()));
        });
        out.println();
        out.print(Tenon.describe());
        given.path("--html").ifPresent(file -> {
            if (profile == null) {
                inspection.writeHtml(file, inputs);
            } else {
                inspection.writeHtml(file, inputs, profile);
            }
            out.println("wrote " + file);
        });
        given.path("--trace").ifPresent(file -> {
            profile.writeTrace(file);
            out.println("wrote " + file);
        });
        return 0;
    }

    /** Calls the session until a third of the time is over, measures steps, and tells every few seconds how far that is. */
    private static Profile profile(Session session, Map<String, Tensor> inputs, int seconds, PrintStream out) {
        Duration each = Duration.ofMillis(seconds * 1000L / 3);
        out.println("measuring for " + seconds + " s");
        long[] last = {System.nanoTime()};
        do {
            session.predict(inputs);
        } while (System.nanoTime() - last[0] < each.toNanos());
        return session.inspect().profile(inputs, CALLS, each.multipliedBy(2), share -> {
            if (System.nanoTime() - last[0] > TELL_NANOS) {
                last[0] = System.nanoTime();
                out.printf(Locale.ROOT, "measuring: %.0f %%%n", 100 * share);
            }
        });
    }
}
