package dev.tenon.samples.inspect;

import dev.tenon.Model;
import dev.tenon.Profile;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.Tenon;
import dev.tenon.graph.GraphText;
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
                case "--shape" -> shapes.add(value(args, i++));
                case "--threads" -> options = options.threads(threads(value(args, i++)));
                case "--html" -> html = Path.of(value(args, i++));
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
        inspect(find(models.getFirst()), SampleInputs.shapes(shapes), options, optimised, timed, html, out);
        return 0;
    }

    private static String value(List<String> args, int option) {
        if (option + 1 >= args.size()) {
            throw new UsageException(args.get(option) + " needs a value");
        }
        return args.get(option + 1);
    }

    private static int threads(String text) {
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw new UsageException("--threads " + text + " is not a number from 1 to 9999");
        }
        return Integer.parseInt(text);
    }

    /** The path of a model file, or of a model that the build has fetched, by its name. */
    private static Path find(String model) {
        Path fetched = Path.of(System.getProperty("tenon.models", "target/models"), model + ".onnx");
        return !Files.exists(Path.of(model)) && Files.exists(fetched) ? fetched : Path.of(model);
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
            Files.writeString(html, Page.of(new PageData(name, session, inputs, profile)));
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
