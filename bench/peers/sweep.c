/* The sweep's yardstick: the same rule, account and statistics as the hypothesis, by hand.
   Reads open and close as doubles from the file named first; prints CPU seconds of the best of REPEATS runs, then a
   checksum: sum of Sharpe ratios and orders. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FAST 25
#define SLOW 40
#define REPEATS 5

typedef struct {
  double sharpe, drawdown;
  long orders;
} summary;

static summary run(const double *open, const double *close, const double *fast, const double *slow, long T, double fee,
                   double half, double band) {
  double buy = half + fee * (1 + half), sell = half + fee * (1 - half);
  double equity = 1, units = 0, last = close[0], sum = 0, squares = 0, peak = 1, deepest = 0, floor = 1;
  long orders = 0;
  for (long t = 1; t < T; t++) {
    double px = close[t], start = equity;
    double weight = fast[t - 1] > slow[t - 1] ? 1.0 : 0.0;
    double gap = weight * start - units * last;
    equity += units * (px - last);
    if (weight == 0 ? units != 0 : (gap > band * start || gap < -band * start)) {
      double at = open[t], change = weight * start / last - units;
      equity += change * (px - at) - (change > 0 ? change * at * buy : -change * at * sell);
      units += change;
      if (weight == 0) units = 0;
      orders++;
    }
    last = px;
    double r = equity / start - 1;
    sum += r;
    squares += r * r;
    if (equity > peak) {
      peak = equity;
      floor = peak * (1 + deepest);
    } else if (equity < floor) {
      floor = equity;
      deepest = equity / peak - 1;
    }
  }
  double mean = sum / T, variance = (squares - T * mean * mean) / (T - 1);
  summary out = {mean / sqrt(variance), deepest, orders};
  return out;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  long T = atol(argv[2]);
  double *open = malloc(8 * T), *close = malloc(8 * T), *sma[FAST + SLOW];
  FILE *f = fopen(argv[1], "rb");
  if (!f || fread(open, 8, T, f) != (size_t)T || fread(close, 8, T, f) != (size_t)T) return 3;
  fclose(f);
  for (int i = 0; i < FAST + SLOW; i++) sma[i] = malloc(8 * T);
  double best = 1e9, sharpe = 0;
  long orders = 0;
  for (int repeat = 0; repeat < REPEATS; repeat++) {
    clock_t start = clock();
    for (int i = 0; i < FAST + SLOW; i++) {
      long n = i < FAST ? 5 + 2 * i : 60 + 5 * (i - FAST);
      double sum = 0;
      for (long t = 0; t < T; t++) {
        sum += close[t];
        if (t >= n) sum -= close[t - n];
        sma[i][t] = t >= n - 1 ? sum / n : NAN;
      }
    }
    sharpe = 0;
    orders = 0;
    for (int i = 0; i < FAST; i++)
      for (int j = FAST; j < FAST + SLOW; j++) {
        summary s = run(open, close, sma[i], sma[j], T, 0.00045, 0.0001, 0.05);
        sharpe += s.sharpe;
        orders += s.orders;
      }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (seconds < best) best = seconds;
  }
  printf("%.6f %.12g %ld\n", best, sharpe, orders);
  return 0;
}
