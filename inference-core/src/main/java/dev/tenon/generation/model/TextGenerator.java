package dev.tenon.generation.model;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.exec.StackRoom;
import dev.tenon.generation.Generation;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.GenerationStatistics;
import dev.tenon.generation.Part;
import dev.tenon.generation.schedule.Prompt;
import dev.tenon.generation.schedule.StepLoop;
import dev.tenon.generation.schedule.TextTail;
import dev.tenon.serving.Call;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.OverloadedException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Writes texts, many at a time, for any number of threads, virtual ones too.
 *
 * <p><b>Steps.</b> All sequences that write get a token in each step, and prompts are computed beside them, at most
 * {@link dev.tenon.generation.GeneratorOptions#promptTokensPerStep} tokens a step, so that a long prompt does not hold the others up. If
 * pages for keys and values run out, the newest sequence of the lane that holds the most gives its pages up. It is computed again
 * later, and its text goes on. A prompt that begins as an earlier one of its lane did is computed from where they differ.
 *
 * <p><b>Results.</b> A request has the same tokens, whatever else runs: how many sequences are beside it, how its prompt was
 * cut, what was in the cache, whether it gave its pages up, and how many threads there are. So does one with the same seed.
 *
 * <p><b>Threads.</b> There is no pool. A caller whose text is not ready runs steps for all until it is, then another caller that waits goes
 * on. Where no caller waits, because all calls came by {@link #submit}, a thread of
 * {@link dev.tenon.generation.GeneratorOptions#executor} does. One daemon thread of the process ends calls by their deadlines. A caller that
 * runs a step is held until the step ends, even if its own deadline passes.
 *
 * <p><b>Failures.</b> A call that ends early gives its pages back at once, or after the step that runs. The
 * sequences of a step that fails run again, half of them at a time: the exception ends those alone that fail by themselves, and the
 * others have the tokens that they would have had. Logits that are no numbers end their own sequence.
 */
public final class TextGenerator implements AutoCloseable {
    private final LanguageModel language;
    private final StepLoop loop;

    TextGenerator(LanguageModel language, StepLoop loop) {
        this.language = language;
        this.loop = loop;
    }

    /** {@return the model} */
    public LanguageModel model() {
        return language;
    }

    /**
     * Generates, without deadline.
     *
     * @param request the request
     * @return the result
     * @throws TenonException as {@link #generate(GenerationRequest, Call)} says
     */
    public Generation generate(GenerationRequest request) {
        return generate(request, Call.standard());
    }

    /**
     * Generates.
     *
     * @param request the request
     * @param call the deadline, lane and cancellation of the call
     * @return the result; that of a call that was cancelled has what was written until then
     * @throws InvalidInputException if the prompt has no token or one that the model does not have, or the prompt and the most
     *     tokens do not fit the context together, or the generator is closed
     * @throws ResourceLimitException if all pages together are too few for them
     * @throws OverloadedException if too many calls wait
     * @throws DeadlineExceededException if the deadline passes
     * @throws InterruptedPredictionException if the thread is interrupted; it stays interrupted
     * @throws CancelledPredictionException if the generator is closed meanwhile
     * @throws dev.tenon.generation.InvalidLogitsException if the model gives no number for a token
     * @throws TenonException as {@link dev.tenon.Session#predict(java.util.Map)}
     */
    public Generation generate(GenerationRequest request, Call call) {
        return run(request, call, null);
    }

    /**
     * Generates, and gives the text out as it is written, on the thread of the caller. A reader that is slow holds up this call alone: some
     * 32 parts wait for it, then its sequence pauses, and gives its pages up if others need them. An exception of the reader ends the
     * call.
     *
     * @param request the request
     * @param call the deadline, lane and cancellation of the call
     * @param reader takes the parts. After a call was cancelled, no part comes
     * @return the result
     * @throws TenonException as {@link #generate(GenerationRequest, Call)} says; parts that came before stay
     */
    public Generation stream(GenerationRequest request, Call call, Consumer<? super Part> reader) {
        return run(request, call, Objects.requireNonNull(reader, "reader"));
    }

    private Generation run(GenerationRequest request, Call call, Consumer<? super Part> reader) {
        try {
            Objects.requireNonNull(call, "call");
            // Nothing is taken before it is known that it can be given back.
            StackRoom.requireForServing();
            return loop.generate(prompt(request), call, reader);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Generates without holding the caller.
     *
     * @param request the request
     * @param call the deadline, lane and cancellation of the call
     * @return the result. The future fails with the exceptions of {@link #generate(GenerationRequest, Call)}. Cancelling it ends the
     *     call, and so does completing it. Actions that depend on it before the call ends run on the threads of
     *     {@link dev.tenon.generation.GeneratorOptions#executor}
     */
    public CompletableFuture<Generation> submit(GenerationRequest request, Call call) {
        try {
            Objects.requireNonNull(call, "call");
            StackRoom.requireForServing();
            return loop.submit(prompt(request), call);
        } catch (TenonException e) {
            return CompletableFuture.failedFuture(e);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    private Prompt prompt(GenerationRequest request) {
        int[] tokens = request.prompt().map(language::promptTokens).orElseGet(request::promptTokens);
        Set<Integer> ends = new HashSet<>(language.endTokens());
        ends.addAll(request.stopTokens());
        TextTail tail = new TextTail(language.tokenizer(), request.stops(), ends);
        return new Prompt(tokens, request, Set.copyOf(ends), tail);
    }

    /** {@return the most tokens of a prompt and its result together} */
    public int contextTokens() {
        return loop.contextTokens();
    }

    /** {@return what this generator has done, and does now} */
    public GenerationStatistics statistics() {
        return loop.statistics();
    }

    /**
     * Ends all calls, waits for the step that runs, and gives the memory of keys and values back. A second call does nothing.
     */
    @Override
    public void close() {
        loop.close();
    }
}
