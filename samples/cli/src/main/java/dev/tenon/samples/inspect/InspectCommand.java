package dev.tenon.samples.inspect;

import dev.tenon.Model;
import dev.tenon.Profile;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.Tenon;
import dev.tenon.formats.AtomicFile;
import dev.tenon.graph.GraphText;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Describes a model, its optimisation, and the kernels that run it. Can draw it as a web page. */
public final class InspectCommand implements Command {
    private static final int CALLS = 30;
    private static final long WARM_NANOS = 2_000_000_000L;
    private static final int WARM_CALLS = 300;

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
                .option("--html", "FILE", "draws the graph as a web page")
                .example(
                        "samples/run inspect model.onnx",
                        "samples/run inspect model.onnx --shape input_ids=1x128 --profile --html model.html");
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
        inspect(
                Arguments.model(given.rest().getFirst()),
                SampleInputs.shapes(given.values("--shape")),
                options,
                given.has("--optimised"),
                given.has("--profile"),
                given.path("--html").orElse(null),
                out);
        return 0;
    }

    private static void inspect(
            Path file,
            Map<String, long[]> shapes,
            SessionOptions options,
            boolean optimised,
            boolean timed,
            Path html,
            PrintStream out)
            throws IOException {
        Model model = Model.load(file);
        Map<String, Tensor> inputs = SampleInputs.of(model, shapes);
        Session session = model.session(options);
        out.print(session.inspect().explain());
        out.println();
        if (optimised) {
            out.println(GraphText.print(session.inspect().graph()));
        }
        out.print(session.inspect().explain(inputs));
        Profile profile = timed ? profile(session, inputs) : null;
        if (profile != null) {
            out.println();
            out.print(profile.print());
        }
        out.println();
        out.print(Tenon.describe());
        if (html != null) {
            String name = String.valueOf(file.getFileName()).replaceFirst("\\.onnx$", "");
            String page = Page.of(new PageData(name, session, inputs, profile));
            AtomicFile.make(html, ".html", part -> Files.writeString(part, page));
            out.println("wrote " + html);
        }
    }

    private static Profile profile(Session session, Map<String, Tensor> inputs) {
        long start = System.nanoTime();
        for (int i = 0; i < WARM_CALLS && System.nanoTime() - start < WARM_NANOS; i++) {
            session.predict(inputs);
        }
        return session.inspect().profile(inputs, CALLS);
    }
}
