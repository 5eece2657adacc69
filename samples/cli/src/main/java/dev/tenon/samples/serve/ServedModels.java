package dev.tenon.samples.serve;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.ValueInfo;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.Models;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The models of a server, for all of its protocols. It finds versions, makes calls and checks which outputs a client may
 * have. Safe for any number of threads.
 */
public final class ServedModels {
    /** The version that a client names if it wants the one that serves. */
    public static final String LATEST = "latest";

    private final Models models;
    private final Map<String, Model> loaded = new ConcurrentHashMap<>();
    private final Metrics metrics;
    private final ServerOptions options;
    private volatile boolean stopping;

    /**
     * Makes a registry without models.
     *
     * @param options how models are served
     * @param metrics counts their calls
     */
    public ServedModels(ServerOptions options, Metrics metrics) {
        this.options = options;
        this.metrics = metrics;
        this.models = Models.create(options.sessions(), options.batching().listener(metrics));
    }

    /**
     * A call of a client.
     *
     * @param model the name of the model
     * @param version the version; empty or {@link #LATEST} for the one that serves
     * @param id the client's name of the request, empty if it gave none; routes by key choose by it
     * @param inputs the inputs of the model by name
     * @param outputs the outputs that the client wants, empty for all
     * @param timeout the time that the client allows, if it says so
     * @param cancellation ends the call early
     */
    public record Request(
            String model,
            String version,
            String id,
            Map<String, Tensor> inputs,
            Collection<String> outputs,
            Optional<Duration> timeout,
            Cancellation cancellation) {}

    /**
     * An answered call.
     *
     * @param version the version that answered
     * @param outputs the outputs that the client wants, in its order, each of a type that the protocol has
     */
    public record Prediction(String version, SequencedMap<String, Tensor> outputs) {}

    /**
     * Loads a version. The first version of a model serves at once.
     *
     * @param name the name of the model
     * @param version the version
     * @param model the model
     */
    public void load(String name, String version, Model model) {
        models.load(name, version, model, options.trial());
        loaded.put(name + ":" + version, model);
        if (models.serving(name).isEmpty()) {
            models.promote(name, version);
        }
    }

    /** {@return the registry, to change routes, and to see what models do} */
    public Models models() {
        return models;
    }

    /** {@return the options of the server} */
    public ServerOptions options() {
        return options;
    }

    /** {@return the counts of the server} */
    public Metrics metrics() {
        return metrics;
    }

    /** {@return whether models are loaded and the server does not stop} */
    public boolean isReady() {
        return !stopping && !models.names().isEmpty();
    }

    /** From now on the server is not ready. Calls are still answered. */
    public void stop() {
        stopping = true;
    }

    /**
     * The model of a version.
     *
     * @param name the name of the model
     * @param version the version; empty or {@link #LATEST} for the one that serves
     * @return the model
     * @throws dev.tenon.serving.UnknownModelException if there is none
     * @throws RequestException if no version serves
     */
    public Model model(String name, String version) {
        String exact = isLatest(version)
                ? models.serving(name)
                        .orElseThrow(() ->
                                new RequestException(Failure.UNAVAILABLE, "no version of model '" + name + "' serves"))
                : version;
        models.batcher(name, exact);
        return loaded.get(name + ":" + exact);
    }

    private static boolean isLatest(String version) {
        return version.isEmpty() || version.equals(LATEST);
    }

    /**
     * Predicts.
     *
     * @param request the call
     * @return the outputs
     * @throws RequestException if the client wants an output that the model or the protocol does not have
     * @throws dev.tenon.error.TenonException as {@link dev.tenon.serving.Batcher#predict(Map, Call)}
     */
    public Prediction predict(Request request) {
        List<String> names = wanted(model(request.model(), request.version()), request.outputs());
        Duration limit = request.timeout()
                .filter(t -> t.compareTo(options.deadline()) < 0)
                .orElse(options.deadline());
        Call call = Call.standard().within(limit).cancelledBy(request.cancellation());
        Models.Answer answer = isLatest(request.version())
                ? models.answer(request.model(), request.inputs(), call.key(request.id()))
                : new Models.Answer(
                        request.version(),
                        models.batcher(request.model(), request.version()).predict(request.inputs(), call));
        return new Prediction(answer.version(), tensors(names, answer.outputs()));
    }

    /** The names of the outputs; checked before anything is computed. */
    private static List<String> wanted(Model model, Collection<String> outputs) {
        List<String> all = model.outputs().stream().map(ValueInfo::name).toList();
        for (String name : outputs) {
            if (!all.contains(name)) {
                throw RequestException.bad("the model has no output '" + name + "'; it has " + all);
            }
        }
        return outputs.isEmpty() ? all : new ArrayList<>(outputs);
    }

    private static SequencedMap<String, Tensor> tensors(List<String> names, Outputs outputs) {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names) {
            Datum datum = outputs.get(name);
            if (datum == null) {
                throw RequestException.bad(
                        "the version that answered has no output '" + name + "'; it has " + outputs.keySet());
            }
            if (!(datum instanceof Tensor tensor) || DataType.of(tensor.dtype()) == null) {
                throw RequestException.bad("output '" + name + "' is " + datum.type()
                        + ", which the protocol does not have; ask for other outputs");
            }
            tensors.put(name, tensor);
        }
        return tensors;
    }
}
