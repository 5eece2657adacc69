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
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    public String usage() {
        return "MODEL [--optimised] [--shape INPUT=1x128]... [--threads N] [--profile] [--html FILE]";
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        List<String> models = new ArrayList<>();
        List<String> shapes = new ArrayList<>();
        boolean optimised = false;
        boolean timed = false;
        Path html = null;
        SessionOptions options = SessionOptions.standard();
        for (int i = 0; i < args.size(); i++) {
            switch (args.get(i)) {
                case "--optimised", "--optimized" -> optimised = true;
                case "--profile" -> timed = true;
                case "--shape" -> shapes.add(Arguments.value(args, i++));
                case "--threads" -> options = options.threads(Arguments.number(args, i++, 1, 9_999));
                case "--html" -> html = Path.of(Arguments.value(args, i++));
                default -> {
                    if (args.get(i).startsWith("--")) {
                        throw new UsageException("unknown option " + args.get(i));
                    }
                    models.add(args.get(i));
                }
            }
        }
        if (models.size() != 1) {
            throw new UsageException("name one model");
        }
        inspect(Arguments.model(models.getFirst()), SampleInputs.shapes(shapes), options, optimised, timed, html, out);
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
