package dev.tenon.spring.boot;

import dev.tenon.error.TenonException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in place of a stack trace why an application does not start: a model that can't be loaded, a misspelt property. */
final class TenonFailureAnalyzer extends AbstractFailureAnalyzer<TenonException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, TenonException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.cure(), rootFailure);
    }
}
